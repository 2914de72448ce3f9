import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { fails, passes, skips } from '../helpers/checks.js'
import { eventually } from '../helpers/eventually.js'
import { page, signupForm, startVisits } from '../helpers/pages.js'
import { startSandbox } from '../helpers/sandbox.js'
import { serve } from '../helpers/serve.js'

t.setTimeout(600_000)
const { affitor, check, checkPage, tag: TAG } = await startVisits(t)
const affitorUrl = affitor.url
const TRACKER = passes('The page has the tracker\'s tag once, of program 42.')
const POLICY = passes(`The page lets the tracker load from ${affitorUrl}, and call ${affitorUrl}.`)
const COOKIE = passes('Opened with ?aff=VERIFY, the tracker keeps the click id in the cookie affitor_click_id. Affitor was not told of it.')
const NO_FORM = skips('No signup form was seen on this page: give --page the address of the signup form.')
const NO_TRACKER = skips('Not looked at: the page has no tracker.')
const NO_CLICK = skips('Not looked at: there is no click id to hand on.')
const NOT_LOADED = skips('Not looked at: the tracker did not load.')

t.test('the storefront passes, and nobody hears of the visit', async t => {
  const sandbox = await startSandbox(t)
  t.same(await check(`${sandbox.url}/`, { affitorUrl: sandbox.affitorUrl }), {
    'page-tracker': TRACKER,
    'page-policy': passes(`The page lets the tracker load from ${sandbox.affitorUrl}, and call ${sandbox.affitorUrl}.`),
    'page-cookie': COOKIE,
    'page-signup': passes(`The signup form sends the click id to ${sandbox.url}/api/signup. Nothing was created.`)
  })
  t.match(await check(`${sandbox.url}/`, { affitorUrl: sandbox.affitorUrl, chromium: undefined }), { 'page-tracker': TRACKER, 'page-policy': { status: 'pass' } }, 'by its HTML too')
  const { clicks, calls } = await sandbox.call<{ clicks: unknown[], calls: unknown[] }>(`${sandbox.affitorUrl}/_sandbox/state`)
  t.same({ clicks, calls, ledger: await sandbox.ledger() }, { clicks: [], calls: [], ledger: [] })
})

t.test('a browser ends with its visit, also when time is up, and leaves no profile', async t => {
  // Chromium keeps a socket there, whose path may not be long.
  const folder = await mkdtemp(join(tmpdir(), 'verify-'))
  const own = process.env.TMPDIR
  process.env.TMPDIR = folder
  t.teardown(async () => {
    await rm(folder, { recursive: true, force: true })
    delete process.env.TMPDIR
    Object.assign(process.env, own !== undefined && { TMPDIR: own })
  })
  const isLeft = () => readdirSync(folder).some(name => name.startsWith('fastify-affitor-verify-'))

  t.same((await checkPage(t, TAG))['page-cookie'], COOKIE)
  t.notOk(isLeft())

  const silent = await serve(t, () => undefined)
  const visit = check(silent, {}, 3_000)
  await eventually('the browser has its profile', isLeft)
  t.same((await visit)['page-signup'], fails('There was no answer within 3 s.', 'Look whether the address is right and reachable from here, and run this again.'))
  await eventually('the profile is removed', () => !isLeft())
})

t.test('a tag that a script puts in is seen', async t => {
  const insert = `<script>addEventListener('load', () => setTimeout(() => {
    const tag = document.createElement('script')
    tag.src = '${affitorUrl}/js/affitor-tracker.js'
    tag.dataset.affitorProgramId = '42'
    document.head.append(tag)
  }, 300))</script>`
  t.same(await checkPage(t, insert), { 'page-tracker': TRACKER, 'page-policy': POLICY, 'page-cookie': COOKIE, 'page-signup': NO_FORM })
})

t.test('a tracker that is bundled is known by its call', async t => {
  const bundled = `<script>fetch('${affitorUrl}/api/v1/track/click', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    .then(response => response.json()).then(({ click_id }) => { document.cookie = 'affitor_click_id=' + click_id + '; path=/' })</script>`
  t.same(await checkPage(t, bundled), {
    'page-tracker': passes('The page tells Affitor of the click without a tag: the tracker is bundled with its scripts, and of which program it is was not seen.'),
    'page-policy': POLICY,
    'page-cookie': COOKIE,
    'page-signup': NO_FORM
  })
})

t.test('a page without the tracker is told', async t => {
  t.same(await checkPage(t, ''), {
    'page-tracker': fails('The page has no tag of Affitor\'s tracker.', `Put ${TAG} into the <head> of every page. If it waits for consent to cookies, look by hand.`),
    'page-policy': NO_TRACKER,
    'page-cookie': NO_TRACKER,
    'page-signup': NO_CLICK
  })
})

t.test('each way that the tag can be wrong is told', async t => {
  t.same((await checkPage(t, TAG + TAG))['page-tracker'],
    fails('The page has 2 tags of Affitor\'s tracker.', 'Leave one of them, in what all pages share: each of them may record the click.'))
  t.same((await checkPage(t, TAG.replace('42', '41')))['page-tracker'],
    fails('The tracker\'s tag is of program 41, and AFFITOR_PROGRAM_ID is 42.', 'Write data-affitor-program-id="42" into the tag, or set AFFITOR_PROGRAM_ID to 41 with that program\'s key.'))
  t.same((await checkPage(t, TAG.replace(' defer', '')))['page-tracker'],
    fails('The tracker\'s tag lacks defer: the page is not shown before the tracker has come.', 'Write defer into the tag.'))
})

t.test('a policy that keeps the tracker out is told', async t => {
  t.same(await checkPage(t, TAG, '', { 'content-security-policy': "script-src 'self'" }), {
    'page-tracker': TRACKER,
    'page-policy': fails(`The page's Content-Security-Policy keeps the tracker from loading: script-src does not allow ${affitorUrl}.`,
      `Add ${affitorUrl} to script-src of the page's Content-Security-Policy. connect-src needs ${affitorUrl} too.`),
    'page-cookie': NOT_LOADED,
    'page-signup': NO_CLICK
  })
})

t.test('a policy that keeps the tracker from calling Affitor is told', async t => {
  t.same(await checkPage(t, TAG, '', { 'content-security-policy': `default-src 'self'; script-src ${affitorUrl}` }), {
    'page-tracker': TRACKER,
    'page-policy': fails(`The page's Content-Security-Policy keeps the tracker from calling Affitor: connect-src does not allow ${affitorUrl}.`,
      `Add ${affitorUrl} to connect-src of the page's Content-Security-Policy.`),
    'page-cookie': skips('Not looked at: the tracker\'s call did not go through.'),
    'page-signup': NO_CLICK
  })
})

t.test('a tracker that does not load is told', async t => {
  const found = await checkPage(t, TAG.replace('/js/', '/gone/'))
  t.same(found['page-policy'],
    fails('The tracker did not load: it was answered 404.', `Look what is at ${affitorUrl}/gone/affitor-tracker.js; the tag's address is ${affitorUrl}/js/affitor-tracker.js.`))
  t.same(found['page-cookie'], NOT_LOADED)
  t.same((await checkPage(t, TAG.replace('<script ', '<script type="text/plain" ')))['page-policy'],
    fails('The browser did not load the tracker although its tag is there.', 'Look at the tag\'s type, and whether a consent banner holds it back.'))
})

t.test('a partner\'s code that gets lost on the way is told', async t => {
  const url = await serve(t, ({ path }) => path.startsWith('/en') ? page(TAG) : { status: 302, headers: { location: '/en/' } })
  t.same((await check(url))['page-cookie'],
    fails(`Opened with ?aff=VERIFY, the page leads to ${url}/en/ and loses the partner's code before the tracker reads it.`,
      'Let redirects keep the query, and let scripts leave it in the address until the tracker has run.'))
  t.same((await checkPage(t, `<script>history.replaceState(null, '', '/')</script>${TAG}`))['page-cookie']?.status, 'fail', 'a script took it away')
})

t.test('a tracker that asks for no click is told', async t => {
  t.same((await checkPage(t, `<script>window.affitor = {}</script>${TAG}`))['page-cookie'],
    fails('Opened with ?aff=VERIFY, the tracker loads and does not ask Affitor for a click.', 'Look into the browser\'s console, and whether a consent banner holds the tracker back.'))
})

t.test('a click that is not kept is told', async t => {
  const forgets = '<script>setInterval(() => { document.cookie = "affitor_click_id=; path=/; max-age=0" }, 1)</script>'
  t.same(await checkPage(t, forgets + TAG, signupForm('fetch("/api/signup", { method: "POST", body: JSON.stringify({ email, password }) })')), {
    'page-tracker': TRACKER,
    'page-policy': POLICY,
    'page-cookie': fails('Affitor\'s answer to the click is not kept: there is no cookie affitor_click_id.', 'Look whether scripts of the page delete cookies, or a consent banner does.'),
    'page-signup': NO_CLICK
  })
})

t.test('a page that does not open is told', async t => {
  const url = await serve(t, () => ({ status: 500, headers: { 'content-type': 'text/html' }, body: 'no' }))
  t.same((await check(url))['page-tracker'], fails('The page answered 500.', 'Give --page the address of a page that visitors land on.'))
  t.same((await check('http://shop.invalid'))['page-tracker'],
    fails('The page did not open in a browser: net::ERR_NAME_NOT_RESOLVED.', 'Look whether the address is right and reachable from here; --page gives another one.'))
})
