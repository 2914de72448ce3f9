import t from 'tap'
import { fails, passes, skips } from '../helpers/checks.js'
import { openPage, page, signupForm, startVisits } from '../helpers/pages.js'
import { serve } from '../helpers/serve.js'

const NO_FORM = skips('No signup form was seen on this page: give --page the address of the signup form.')
const FORWARD = 'Read window.affitor.getClickId() in the page, and send it as clickId in the body of the request that signs the user up.'

t.setTimeout(600_000)
const { affitor, check, checkPage, tag: TAG } = await startVisits(t)

t.test('a click id that is handed on passes, by whatever way, and nothing is created', async t => {
  const elsewhere = await openPage(t, page(''))
  for (const [how, body, where] of [
    ['in JSON', signupForm('fetch("/api/signup", { method: "POST", body: JSON.stringify({ email, password, clickId: window.affitor.getClickId() }) })'), 'request'],
    ['in JSON, to another origin', signupForm(`fetch("${elsewhere.url}/api/signup", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email, password, clickId: window.affitor.getClickId() }) })`), 'request'],
    ['in a header', signupForm('fetch("/api/signup", { method: "POST", headers: { "x-click-id": window.affitor.getClickId() }, body: JSON.stringify({ email, password }) })'), 'request'],
    ['in a hidden field of the form', '<form method="post" action="/join"><input type="hidden" name="clickId"><input type="email" name="email"><input type="password" name="password"><button>Join</button></form>' +
      '<script>document.querySelector("form").addEventListener("submit", event => { event.target.elements.clickId.value = window.affitor.getClickId() })</script>', 'request'],
    ['in the cookie', signupForm('fetch("/api/signup", { method: "POST", body: JSON.stringify({ email, password }) })'), 'cookie'],
    ['in the cookie, by a form', '<form method="post" action="/join"><input type="email" name="email"><input type="password" name="password"><button>Sign up or log in</button></form>', 'cookie'],
    ['in the address, by a form without passwords', '<form action="/join"><input name="e-mail" id="who"><input type="hidden" name="click"><input type="checkbox" required><button>Get started</button></form>' +
      '<script>document.querySelector("form").addEventListener("submit", event => { event.target.elements.click.value = window.affitor.getClickId() })</script>', 'request'],
    ['in the cookie, by XMLHttpRequest to another port with credentials',
      signupForm(`const request = new XMLHttpRequest(); request.open("POST", "${elsewhere.url}/join"); request.withCredentials = true; request.send(JSON.stringify({ email, password }))`), 'cookie'],
    ['in the cookie, to another port with credentials and a preflight',
      signupForm(`fetch("${elsewhere.url}/join", { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: JSON.stringify({ email, password }) })`), 'cookie']
  ] as const) {
    const { url, posted } = await openPage(t, page(TAG, body))
    const to = body.includes(elsewhere.url) ? elsewhere.url : url
    const path = body.includes('/join') ? '/join' : '/api/signup'
    t.same((await check(url))['page-signup'], passes(`The signup form sends the click id to ${to}${path}${where === 'cookie' ? ', in the cookie affitor_click_id' : ''}. Nothing was created.`), how)
    t.same([...posted, ...elsewhere.posted].map(({ path }) => path), [], `${how}: nothing went out`)
  }
  t.equal(affitor.calls().length, 0, 'Affitor heard of nothing')
})

t.test('a click id that is not handed on is told', async t => {
  const elsewhere = (await serve(t, () => ({ status: 200, body: '{}' }))).replace('127.0.0.1', 'localhost')
  for (const script of [
    `fetch("${elsewhere}/api/signup", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ email, password }) })`,
    `fetch("${elsewhere}/api/signup", { method: "POST", credentials: "include", body: JSON.stringify({ email, password }) })`
  ]) {
    t.same((await checkPage(t, TAG, signupForm(script)))['page-signup'],
      fails(`The click id is not forwarded: the signup form sends neither the cookie affitor_click_id nor the click id to ${elsewhere}/api/signup, which is another origin than the page's.`, FORWARD), script)
  }
  const otherPort = await serve(t, () => ({ status: 200, body: '{}' }))
  t.same((await checkPage(t, TAG, signupForm(`fetch("${otherPort}/api/signup", { method: "POST", body: JSON.stringify({ email, password }) })`)))['page-signup'],
    fails(`The click id is not forwarded: the signup form sends neither the cookie affitor_click_id nor the click id to ${otherPort}/api/signup, which is another origin than the page's.`, FORWARD),
    'without credentials no cookie goes to another origin')
  const narrow = '<script>setInterval(() => { const value = window.affitor?.getClickId(); if (value) { document.cookie = "affitor_click_id=; path=/; max-age=0"; document.cookie = "affitor_click_id=" + value + "; path=/shop" } }, 1)</script>'
  const { url } = await openPage(t, page(narrow + TAG, signupForm('fetch("/api/signup", { method: "POST", body: JSON.stringify({ email, password }) })')))
  t.same((await check(`${url}/shop`))['page-signup'],
    fails(`The click id is not forwarded: the signup form sends neither the cookie affitor_click_id nor the click id to ${url}/api/signup.`, FORWARD), 'a cookie of one path')
})

t.test('what is no signup form is left alone', async t => {
  for (const body of [
    '<form method="post"><input type="email"><input type="password" autocomplete="current-password"><button>Continue</button></form>',
    '<form method="post"><input type="email"><input type="password"><button>Log in</button></form>',
    '<form method="post"><input type="email"><button>Send me news</button></form>',
    '<form method="post" hidden><input type="email"><input type="password"><button>Sign up</button></form>'
  ]) {
    const { url, posted } = await openPage(t, page(TAG, body))
    t.same((await check(url))['page-signup'], NO_FORM, body)
    t.same(posted, [])
  }
})

t.test('a form that wants more than made-up values is skipped', async t => {
  t.same((await checkPage(t, TAG, signupForm('', '<input name="invitation" required pattern="[0-9]{12}">')))['page-signup'],
    skips('The signup form sent nothing when it was filled with made-up values: it may want more than a visitor can guess.'))
})
