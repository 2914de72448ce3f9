import t from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { findChromium } from '../../src/checks/chromium.js'
import { pageChecks } from '../../src/checks/page.js'
import { PROGRAM_ID, startAffitor } from '../helpers/affitor.js'
import { fails, findings, passes, skips } from '../helpers/checks.js'
import { serve } from '../helpers/serve.js'
import type { Served } from '../helpers/serve.js'

// By its teardown, and not by `after`, a file's whole test ends by itself.
const affitor = await startAffitor({ after: end => { t.teardown(() => end()) } })
const affitorUrl = affitor.url
const src = `${affitorUrl}/js/affitor-tracker.js`
const TAG = `<script src="${src}" data-affitor-program-id="42" defer></script>`
const NEEDS = skips('Needs Chromium: install it, or set CHROMIUM_PATH to its program.')
const NO_TRACKER = skips('Not looked at: the page has no tracker.')
const NOT_OPEN = skips('Not looked at: the page did not open.')
const PUT_IT_IN = `Put ${TAG} into the <head> of every page. If a script puts it in, install Chromium or set CHROMIUM_PATH, and run this again.`
const TRACKER = passes('The page has the tracker\'s tag once, of program 42.')
const POLICY = passes(`The page lets the tracker load from ${affitorUrl}, and call ${affitorUrl}.`)

const check = async (url: string | undefined, options: Partial<Parameters<typeof pageChecks>[0]> = {}) =>
  await findings(pageChecks({ url, programId: PROGRAM_ID, affitorUrl, ...options }))

const page = (head: string, headers: Served['headers'] = {}): Served =>
  ({ headers: { 'content-type': 'text/html', ...headers }, body: `<!doctype html><html><head><title>Shop</title>${head}</head><body></body></html>` })

const checkPage = async (t: Parameters<typeof serve>[0], head: string, headers?: Served['headers']) => await check(await serve(t, () => page(head, headers)))

t.test('a page with the tag passes by its HTML; what needs a browser is skipped', async t => {
  const asked: string[] = []
  const url = await serve(t, ({ path }) => {
    asked.push(path)
    return page(TAG)
  })
  t.same(await check(`${url}/plans?lang=en#prices`), { 'page-tracker': TRACKER, 'page-policy': POLICY, 'page-cookie': NEEDS, 'page-signup': NEEDS })
  t.same(asked, ['/plans?lang=en&aff=VERIFY'], 'it is opened once, and its query is kept')
  t.equal(affitor.calls().length, 0, 'Affitor hears of no click')
})

t.test('without an address nothing is looked at', async t => {
  const unknown = skips('No page is known: give --page.')
  t.same(await check(undefined), { 'page-tracker': unknown, 'page-policy': unknown, 'page-cookie': unknown, 'page-signup': unknown })
  t.match(await check('shop.example'), { 'page-tracker': skips('"shop.example" is no http or https address.') })
})

t.test('a page without the tag is told, also where it only looks as if', async t => {
  for (const head of [
    '',
    `<!-- ${TAG} -->`,
    `<noscript>${TAG}</noscript>`,
    `<template>${TAG}</template>`,
    `<script>const tag = '${TAG.replace('</script>', '')}'</script>`,
    '<script src="/js/other.js" data-affitor-program-id="42" defer></script>',
    `<link rel="preload" href="${src}" as="script">`
  ]) {
    const found = await checkPage(t, head)
    t.same(found, {
      'page-tracker': fails('The page\'s HTML has no tag of Affitor\'s tracker.', PUT_IT_IN), 'page-policy': NO_TRACKER, 'page-cookie': NEEDS, 'page-signup': NEEDS
    }, head)
  }
})

t.test('the tag may be written in any way that HTML allows', async t => {
  for (const head of [
    `<SCRIPT DEFER SRC='${src}' DATA-AFFITOR-PROGRAM-ID=42></SCRIPT>`,
    `<script\n  async\n  data-affitor-program-id="&#52;&#x32;"\n  src="${src}?v=1&amp;w=2"></script>`,
    `<base href="${affitorUrl}/"><script src="js/affitor-tracker.js" data-affitor-program-id="42" defer=""></script>`,
    `<template><p></p></template><!-- a > b --><style>a::after { content: '<script>' }</style>${TAG}`
  ]) t.same((await checkPage(t, head))['page-tracker'], TRACKER, head)
})

t.test('each way that the tag can be wrong is told', async t => {
  for (const [head, message, fix] of [
    [TAG + TAG, 'The page has 2 tags of Affitor\'s tracker.', 'Leave one of them, in what all pages share: each of them may record the click.'],
    [`<script src="${src}" defer></script>`, 'The tracker\'s tag has no data-affitor-program-id.', 'Write data-affitor-program-id="42" into the tag.'],
    [TAG.replace('program-id="42"', 'program-id="41"'), 'The tracker\'s tag is of program 41, and AFFITOR_PROGRAM_ID is 42.',
      'Write data-affitor-program-id="42" into the tag, or set AFFITOR_PROGRAM_ID to 41 with that program\'s key.'],
    [TAG.replace(' defer', ''), 'The tracker\'s tag lacks defer: the page is not shown before the tracker has come.', 'Write defer into the tag.']
  ] as const) t.same((await checkPage(t, head))['page-tracker'], fails(message, fix))
})

t.test('what cannot be compared is said', async t => {
  const url = await serve(t, () => page(TAG))
  t.same((await check(url, { programId: undefined }))['page-tracker'],
    passes('The page has the tracker\'s tag once, of program 42, which AFFITOR_PROGRAM_ID is not set to compare with.'))
  t.same((await check(url, { affitorUrl: 'https://api.affitor.com' }))['page-tracker'],
    passes(`The page has the tracker's tag once, of program 42. It comes from ${affitorUrl} and not from https://api.affitor.com: right if that host hands everything on to Affitor.`))
})

t.test('a policy that keeps the tracker out is told by the directive', async t => {
  const FIX = `Add ${affitorUrl} to script-src of the page's Content-Security-Policy. connect-src needs ${affitorUrl} too.`
  const keeps = (directive: string) => fails(`The page's Content-Security-Policy keeps the tracker from loading: ${directive} does not allow ${affitorUrl}.`, FIX)
  for (const [policy, directive] of [
    ["default-src 'self'", 'default-src'],
    ["script-src 'self'", 'script-src'],
    ["script-src 'none'", 'script-src'],
    ['script-src https:', 'script-src'],
    ['script-src 127.0.0.1', 'script-src'],
    [`script-src ${affitorUrl}/other/`, 'script-src'],
    [`script-src-elem 'self'; script-src ${affitorUrl}`, 'script-src-elem'],
    [`script-src ${affitorUrl} 'strict-dynamic' 'nonce-abc'`, 'script-src'],
    [`script-src *, script-src 'self'; connect-src ${affitorUrl}`, 'script-src'],
    [`script-src 'self'; script-src ${affitorUrl}`, 'script-src']
  ] as const) {
    t.same((await checkPage(t, TAG, { 'content-security-policy': policy }))['page-policy'], keeps(directive), policy)
  }
  t.same((await checkPage(t, `<meta http-equiv="Content-Security-Policy" content="script-src 'self'">${TAG}`))['page-policy'], keeps('script-src'), 'in the HTML')
})

t.test('a policy that keeps the tracker from calling Affitor is told', async t => {
  for (const [policy, directive] of [[`script-src ${affitorUrl}; connect-src 'self'`, 'connect-src'], [`default-src 'self'; script-src ${affitorUrl}`, 'default-src']] as const) {
    t.same((await checkPage(t, TAG, { 'content-security-policy': policy }))['page-policy'],
      fails(`The page's Content-Security-Policy keeps the tracker from calling Affitor: ${directive} does not allow ${affitorUrl}.`,
        `Add ${affitorUrl} to connect-src of the page's Content-Security-Policy.`), policy)
  }
  t.same((await checkPage(t, TAG.replace('defer', 'data-affitor-api-base="https://api.example" defer'), { 'content-security-policy': `default-src ${affitorUrl}` }))['page-policy'],
    fails('The page\'s Content-Security-Policy keeps the tracker from calling Affitor: default-src does not allow https://api.example.',
      'Add https://api.example to connect-src of the page\'s Content-Security-Policy.'))
})

t.test('a policy that lets the tracker work passes', async t => {
  const { host, port } = new URL(affitorUrl)
  for (const policy of [
    "img-src 'self'", 'default-src *', 'default-src http:', `default-src ${affitorUrl}`, `default-src ${host}`, `default-src http://127.0.0.1:*; script-src 127.0.0.1:${port}/js/`,
    `default-src ${affitorUrl}/js/affitor-tracker.js ${affitorUrl}/api/`, `script-src 'strict-dynamic' 'nonce-abc'; connect-src ${affitorUrl}`,
    `DEFAULT-SRC 'none'; SCRIPT-SRC ${affitorUrl}; CONNECT-SRC ${affitorUrl}`
  ]) t.same((await checkPage(t, TAG.replace('defer', 'nonce="abc" defer'), { 'content-security-policy': policy }))['page-policy'], POLICY, policy)
  t.same((await checkPage(t, TAG, { 'content-security-policy-report-only': "default-src 'none'" }))['page-policy'], POLICY, 'one that only reports')
})

t.test('a tracker that does not load is told', async t => {
  const at = (address: string) => `Look what is at ${address}; the tag's address is ${affitorUrl}/js/affitor-tracker.js.`
  const spa = await serve(t, ({ path }) => path.startsWith('/gone') ? { status: 404 } : page(`<script src="${path.includes('gone') ? '/gone' : ''}/affitor-tracker.js" data-affitor-program-id="42" defer></script>`))
  t.same((await check(`${spa}/?gone`))['page-policy'], fails('The tracker did not load: it was answered 404.', at(`${spa}/gone/affitor-tracker.js`)))
  t.same((await check(spa))['page-policy'], fails('The tracker did not load: a page came in its place.', at(`${spa}/affitor-tracker.js`)))
  const [port] = await freePorts(1)
  const nobody = `http://127.0.0.1:${port}`
  t.same((await checkPage(t, TAG.replace(affitorUrl, nobody)))['page-policy'],
    fails(`The tracker did not load: ${nobody} takes no connections.`, at(`${nobody}/js/affitor-tracker.js`)))
})

t.test('a page that does not open is told once', async t => {
  const url = await serve(t, () => ({ status: 404, body: 'no such page' }))
  t.same(await check(url), {
    'page-tracker': fails('The page answered 404.', 'Give --page the address of a page that visitors land on.'),
    'page-policy': NOT_OPEN,
    'page-cookie': NOT_OPEN,
    'page-signup': NOT_OPEN
  })
  const [port] = await freePorts(1)
  t.same((await check(`http://127.0.0.1:${port}`))['page-tracker'],
    fails(`http://127.0.0.1:${port} takes no connections.`, 'Start what listens there, or mend the address or the port.'))
})

t.test('a browser that does not start leaves the HTML', async t => {
  const url = await serve(t, () => page(TAG))
  for (const [chromium, why] of [
    ['/nowhere/chromium', 'Chromium (/nowhere/chromium) did not start: there is no such program.'],
    ['/bin/false', 'Chromium (/bin/false) did not start: it ended with code 1.']
  ] as const) {
    t.same(await check(url, { chromium }), { 'page-tracker': TRACKER, 'page-policy': POLICY, 'page-cookie': skips(why), 'page-signup': skips(why) })
  }
})

t.test('Chromium is found by CHROMIUM_PATH, or by its name in the PATH', async t => {
  const folder = t.testdir({ 'google-chrome': '', bin: { chromium: '' } })
  t.equal(findChromium({ CHROMIUM_PATH: '/opt/chromium', PATH: folder }), '/opt/chromium', 'also where it is not, which is said when it does not start')
  t.equal(findChromium({ PATH: `${folder}/nothing:${folder}:${folder}/bin` }), `${folder}/google-chrome`)
  t.equal(findChromium({ CHROMIUM_PATH: '', PATH: `${folder}/bin` }), `${folder}/bin/chromium`)
})
