import t from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { affitorChecks } from '../../src/checks/affitor.js'
import { API_KEY, PARTNER_CODE, PROGRAM_ID, startAffitor } from '../helpers/affitor.js'
import { fails, findings, passes, skips } from '../helpers/checks.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import { serve } from '../helpers/serve.js'

const check = async (apiUrl: string, options: Partial<Parameters<typeof affitorChecks>[0]> = {}) =>
  await findings(affitorChecks({ apiKey: API_KEY, apiUrl, programId: PROGRAM_ID, chain: false, ...options }))

const REFUSED = skips('Not asked: the key is refused.')
const NOT_ASKED = skips('Not asked: Affitor cannot be asked.')
const NO_CHAIN = skips('It costs one of 10 an hour: --chain runs it.')
const CHAIN_PASSES = passes('Affitor made a click, a lead and a sale of its own as a test, and attributed all three. 10 such chains an hour are allowed.')
const TO_DEFAULT = 'Set AFFITOR_API_URL to https://api.affitor.com, or leave it out.'

const verdict = (fields: object) => ({ body: JSON.stringify({ program_id: 42, state: 'live_verified', blocker: null, gates: { profile: { status: 'pass' } }, ...fields }) })

t.test('a program that receives events passes, with one question', async t => {
  const affitor = await startAffitor(t)
  await affitor.click(PARTNER_CODE)
  t.same(await check(affitor.url), {
    'affitor-key': passes('Affitor takes the key, which is of program 42.'),
    'affitor-program': passes('The key is of program 42, as AFFITOR_PROGRAM_ID says.'),
    'affitor-readiness': passes('The program is verified by real events.'),
    'affitor-chain': NO_CHAIN
  })
  const { url, calls } = await startFakeAffitor(t, verdict({}))
  await check(url)
  t.equal(calls(), 0, 'nothing was posted')

  let asked = 0
  await check(await serve(t, () => {
    asked++
    return verdict({})
  }))
  t.equal(asked, 1)
})

t.test('a chain runs when it is asked for, until ten are used up', async t => {
  const affitor = await startAffitor(t)
  t.same((await check(affitor.url, { chain: true }))['affitor-chain'], CHAIN_PASSES)
  t.equal(affitor.calls().length, 0, 'nothing real was recorded')
  for (let used = 1; used < 10; used++) await check(affitor.url, { chain: true })
  t.same((await check(affitor.url, { chain: true }))['affitor-chain'], skips('Affitor allows 10 chains an hour, and they are used up: run this again in 60 minutes.'))
})

t.test('without a key nothing is asked', async t => {
  for (const apiKey of [undefined, '']) {
    const nothing = skips('AFFITOR_API_KEY is not set.')
    t.same(await check('http://127.0.0.1:1', { apiKey }), { 'affitor-key': nothing, 'affitor-program': nothing, 'affitor-readiness': nothing, 'affitor-chain': nothing })
  }
})

t.test('a management key is told at once', async t => {
  const { url, calls } = await startFakeAffitor(t, verdict({}))
  t.same(await check(url, { apiKey: 'affk_0123456789', chain: true }), {
    'affitor-key': fails('AFFITOR_API_KEY is a management key (affk_…), which tracking calls are refused with.',
      'Put the program\'s tracking key (aff_…) into AFFITOR_API_KEY. It is in the program\'s settings in Affitor\'s dashboard.'),
    'affitor-program': REFUSED,
    'affitor-readiness': REFUSED,
    'affitor-chain': REFUSED
  })
  t.equal(calls(), 0)
})

t.test('a key that no header can carry is told', async t => {
  t.same((await check('http://127.0.0.1:1', { apiKey: 'aff_two words' }))['affitor-key'],
    fails('AFFITOR_API_KEY has a space, a line break or another character that no key has.', 'Copy the key anew, without what stands around it.'))
})

t.test('a key that Affitor refuses is told, in each shape of its errors', async t => {
  const fix = 'Put the program\'s tracking key (aff_…) into AFFITOR_API_KEY. If it was regenerated, the old one is void at once: use the new one.'
  const affitor = await startAffitor(t)
  t.same(await check(affitor.url, { apiKey: 'aff_wrong_key', chain: true }), {
    'affitor-key': fails('Affitor refuses the key: "Invalid API token.".', fix), 'affitor-program': REFUSED, 'affitor-readiness': REFUSED, 'affitor-chain': REFUSED
  })
  for (const [body, message] of [
    ['{"error":"Invalid API token"}', 'Affitor refuses the key: "Invalid API token".'],
    ['{"error":"Unauthorized","message":"Invalid API token","statusCode":401}', 'Affitor refuses the key: "Invalid API token".'],
    ['{"error":{"code":"invalid_key","message":"No such key: aff_live_1234567"}}', 'Affitor refuses the key: "No such key: [key]".'],
    ['', 'Affitor refuses the key.']
  ] as const) {
    const { url } = await startFakeAffitor(t, { status: 401, body })
    t.same((await check(url))['affitor-key'], fails(message, fix))
  }
})

t.test('what is not Affitor, or is not well, is told apart', async t => {
  for (const [answer, message, fix] of [
    [{ status: 404, body: '{"error":"Not found"}' }, 'Affitor\'s API is not at this address: it answered 404: "Not found".', `${TO_DEFAULT} If it is that, look at what is in between.`],
    [{ status: 200, body: '<html>' }, 'A page in place of Affitor\'s answer came, with status 200.', `${TO_DEFAULT} If it is that, look at what is in between.`],
    [{ status: 500, body: '{"error":{"code":"internal_error","message":"odd"}}' }, 'Affitor answered 500: "odd".',
      'The fault is Affitor\'s: run this again in some minutes, and look at its status page if it stays.'],
    [{ status: 403, body: '{"error":"Forbidden"}' }, 'Affitor answered 403: "Forbidden".', 'Look at AFFITOR_API_KEY and AFFITOR_API_URL, and at what is in between.']
  ] as const) {
    const { url } = await startFakeAffitor(t, answer)
    t.same(await check(url, { chain: true }), { 'affitor-key': fails(message, fix), 'affitor-program': NOT_ASKED, 'affitor-readiness': NOT_ASKED, 'affitor-chain': NOT_ASKED })
  }
  const [port] = await freePorts(1)
  t.same((await check(`http://127.0.0.1:${port}`))['affitor-key'],
    fails(`http://127.0.0.1:${port} takes no connections.`, 'Start what listens there, or mend the address or the port. It is AFFITOR_API_URL.'))
  t.same((await check('api.affitor.com'))['affitor-key'], fails('AFFITOR_API_URL is no http or https address.', TO_DEFAULT))
})

t.test('to be asked too often is no fault of the installation', async t => {
  const { url } = await startFakeAffitor(t, { status: 429, body: '{"error":{"code":"rate_limited","message":"slow down","retry_after_seconds":30}}' })
  t.same(await check(url), {
    'affitor-key': skips('Affitor is asked too often: run this again in 30 s.'),
    'affitor-program': skips('Not asked: Affitor is asked too often.'),
    'affitor-readiness': skips('Not asked: Affitor is asked too often.'),
    'affitor-chain': NO_CHAIN
  })
})

t.test('a key of another program is told', async t => {
  const affitor = await startAffitor(t)
  t.same((await check(affitor.url, { programId: '43' }))['affitor-program'],
    fails('The key is of program 42, and AFFITOR_PROGRAM_ID is 43.', 'Set AFFITOR_PROGRAM_ID to 42, here and in the tracker\'s tag, or use the key of program 43.'))
  t.same((await check(affitor.url, { programId: undefined }))['affitor-program'], skips('AFFITOR_PROGRAM_ID is not set.'))
  const { url } = await startFakeAffitor(t, verdict({ program_id: undefined }))
  const found = await check(url)
  t.same(found['affitor-key'], passes('Affitor takes the key.'))
  t.same(found['affitor-program'], skips('Affitor does not say which program the key is of.'))
})

t.test('what the program lacks is told with what to do', async t => {
  const fresh = await startAffitor(t)
  t.same((await check(fresh.url))['affitor-readiness'], fails('The program is being set up, and lacks something: tracking, live.',
    'Put Affitor\'s tracker on the page, or let the app send its first event. Run verify with --chain: Affitor then makes a sale of its own as a test.'))

  for (const [fields, message, fix] of [
    [{ state: 'configuring', blocker: 'profile', gates: { profile: { status: 'fail', next_action: 'complete_program_profile' } } },
      'The program is being set up, and lacks something: profile.', 'Complete the program\'s profile in Affitor\'s dashboard.'],
    [{ state: 'configuring', blocker: 'economics', gates: { economics: { status: 'fail', next_action: 'set_commission_policy' } } },
      'The program is being set up, and lacks something: economics.', 'Set a commission policy for sales in Affitor\'s dashboard.'],
    [{ state: 'configuring', blocker: 'payout', gates: { payout: { status: 'fail', next_action: 'surface_stripe_connect_url' } } },
      'The program is being set up, and lacks something: payout.', 'Connect Stripe in Affitor\'s dashboard, so that partners can be paid.'],
    [{ state: 'ready', blocker: 'live', gates: { live: { status: 'fail' } } },
      'The program is ready for its first test, and lacks something: live.', 'Look at "live" in Affitor\'s dashboard.'],
    [{ state: 'ready', gates: { taxes: { status: 'fail', next_action: 'upload_tax_form' } } },
      'The program is ready for its first test, and lacks something: taxes.', 'Affitor says of "taxes": upload tax form.'],
    [{ state: 'configuring', blocker: 'tracking', gates: { tracking: { status: 'unknown' } } },
      'The program is being set up, and lacks something: tracking.', 'Look at "tracking" in Affitor\'s dashboard.'],
    [{ state: 'draft', gates: {} }, 'The program is a draft.', 'Finish it in Affitor\'s dashboard.']
  ] as const) {
    const { url } = await startFakeAffitor(t, verdict(fields))
    t.same((await check(url))['affitor-readiness'], fails(message, fix))
  }
})

t.test('what Affitor does not know yet is said, and is no failure', async t => {
  const { url } = await startFakeAffitor(t, verdict({ state: 'integration_verified', gates: { payout: { status: 'unknown' }, live: { status: 'pass' } } }))
  t.same((await check(url))['affitor-readiness'], passes('The program is verified by a test; Affitor does not know yet of: payout.'))
  const future = await startFakeAffitor(t, verdict({ state: 'paused', gates: null }))
  t.same((await check(future.url))['affitor-readiness'], passes('The program is in the state "paused".'))
})

t.test('a chain that is not attributed is told step by step', async t => {
  const POLICY = 'Set a commission policy for sales in Affitor\'s dashboard, then run this again.'
  const LOOK = 'Look at the program in Affitor\'s dashboard; if nothing is missing there, ask Affitor.'
  const NOT = 'Affitor made a click, a lead and a sale of its own as a test, and did not attribute them:'
  const AGAIN = 'Run this again in some minutes; if it stays, ask Affitor.'
  const chain = (click: string, lead: string, sale: string, attributed = false) => ({ status: 200, body: JSON.stringify({ data: { type: 'chain', verdict: { click, lead, sale }, attributed } }) })
  for (const [answer, message, fix] of [
    [chain('attributed', 'attributed', 'unattributed'), `${NOT} the sale is unattributed.`, POLICY],
    [chain('attributed', 'wrong_partner', 'unattributed'), `${NOT} the lead is wrong partner, the sale is unattributed.`, LOOK],
    [chain('attributed', 'attributed', 'attributed'), `${NOT} the whole is not attributed.`, LOOK],
    [chain('attributed', 'attributed', 'pending'), 'Affitor has not come to an end with its test chain: the sale is pending.', 'Run this again in a minute.'],
    [{ status: 500, body: '{"error":"odd"}' }, 'Affitor answered 500 when asked for a test chain: "odd".', AGAIN],
    [{ status: 200, body: '{}' }, 'Affitor answered 200 when asked for a test chain.', AGAIN]
  ] as const) {
    const url = await serve(t, ({ method }) => method === 'GET' ? verdict({}) : answer)
    t.same((await check(url, { chain: true }))['affitor-chain'], fails(message, fix))
  }
  const limited = await serve(t, ({ method }) => method === 'GET' ? verdict({}) : { status: 429, headers: { 'retry-after': '90' }, body: '{}' })
  t.same((await check(limited, { chain: true }))['affitor-chain'], skips('Affitor allows 10 chains an hour, and they are used up: run this again in 90 s.'))
  const silent = await serve(t, ({ method }) => method === 'GET' ? verdict({}) : { status: 429, body: '{"error":"slow down"}' })
  t.same((await check(silent, { chain: true }))['affitor-chain'], skips('Affitor allows 10 chains an hour, and they are used up: run this again later.'))
})
