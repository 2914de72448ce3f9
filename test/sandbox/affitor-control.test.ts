import t from 'tap'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Affitor } from '@affitor/sdk/server'
import { buildAffitorSandbox } from '../../sandbox/affitor/index.js'
import { API_KEY, PROGRAM_ID, startAffitor } from '../helpers/affitor.js'
import type { StartedAffitor } from '../helpers/affitor.js'

async function start (...args: Parameters<typeof startAffitor>): Promise<StartedAffitor & { sdk: Affitor }> {
  const affitor = await startAffitor(...args)
  return { ...affitor, sdk: new Affitor({ apiKey: affitor.apiKey, apiUrl: affitor.url }) }
}

async function customer (affitor: StartedAffitor & { sdk: Affitor }): Promise<void> {
  await affitor.sdk.trackLead({ customerExternalId: 'user_1', clickId: await affitor.click() })
}

async function call (url: string, method: string, body?: unknown): Promise<[number, unknown]> {
  const response = await fetch(url, {
    method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  })
  const text = await response.text()
  return [response.status, text === '' ? null : JSON.parse(text)]
}

const SALE = { customerExternalId: 'user_1', amount: 1000, invoiceId: 'in_1' }

t.test('failStatus: nothing is recorded, and Retry-After is sent', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ failStatus: 429, retryAfterSeconds: 7, times: 1 })
  let retryAfter: string | null = null
  const sdk = new Affitor({
    apiKey: affitor.apiKey,
    apiUrl: affitor.url,
    fetch: async (...args) => {
      const response = await fetch(...args)
      retryAfter = response.headers.get('retry-after')
      return response
    }
  })
  t.match(await sdk.trackSale(SALE), { ok: false, status: 429, error: 'Too many requests.' })
  t.equal(retryAfter, '7')
  t.equal(affitor.sandbox.affitorState.sales.length, 0)
  t.match(await sdk.trackSale(SALE), { ok: true }, 'once was enough')

  affitor.behave({ failStatus: 500 })
  t.match(await sdk.trackRefund({ invoiceId: 'in_1' }), { status: 500, error: 'Refund tracking failed' })
  t.match(await sdk.trackRefund({ invoiceId: 'in_1' }), { status: 500 }, 'until it is changed')
  affitor.behave({})
  t.match(await sdk.trackRefund({ invoiceId: 'in_1' }), { ok: true })
})

t.test('failAfterRecording 500: the sale is stored without a commission', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ failAfterRecording: 500 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: false, status: 500, error: 'Failed to create commission' })
  t.match(await affitor.sdk.trackSale(SALE), { ok: false, status: 409 })
  const { sales, commissions } = affitor.sandbox.affitorState
  t.match(sales, [{ transactionId: 'in_1', commissionId: null }])
  t.equal(commissions.length, 0)
  affitor.behave({})
  t.match((await affitor.sdk.trackRefund({ invoiceId: 'in_1' })).data, { status: 'no_commission' })
})

t.test('failAfterRecording with another status: a proxy fails, and the sale is whole', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ failAfterRecording: 503, retryAfterSeconds: 1, times: 1 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: false, status: 503 })
  t.equal(affitor.sandbox.affitorState.commissions.length, 1)
  t.match(affitor.calls('sale'), [{ status: 503, recorded: true }])
})

t.test('dropConnection: the caller reads no answer', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ dropConnection: 'before', times: 1 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: false, status: 0 })
  t.equal(affitor.sandbox.affitorState.sales.length, 0)
  affitor.behave({ dropConnection: 'after', times: 1 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: false, status: 0 })
  t.equal(affitor.sandbox.affitorState.sales.length, 1)
  t.match(await affitor.sdk.trackSale(SALE), { status: 409 })
  t.strictSame(affitor.calls('sale').map(({ status, recorded }) => [status, recorded]), [[null, false], [null, true], [409, false]])
})

t.test('refuseKey refuses keys, and browsers send none', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ refuseKey: true })
  t.match(await affitor.sdk.trackSale(SALE), { status: 401, error: 'Invalid API token' })
  t.match(await affitor.click(), /^cust_/)
  const readiness = await fetch(`${affitor.url}/api/v1/programs/me/readiness`, { headers: { authorization: `Bearer ${affitor.apiKey}` } })
  t.strictSame([readiness.status, await readiness.json()], [401, { error: { code: 'invalid_key', message: 'Invalid API token.' } }])
})

t.test('only: what names other ids is served as ever, and `times` is kept for those named', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ failStatus: 403, only: ['in_2'], times: 1 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: true })
  t.match(await affitor.sdk.trackSale({ ...SALE, invoiceId: 'in_2' }), { ok: false, status: 403 })
  t.match(await affitor.sdk.trackSale({ ...SALE, invoiceId: 'in_2' }), { ok: true })
  affitor.behave({ refuseKey: true, only: ['user_2'] })
  t.match(await affitor.sdk.trackSale({ ...SALE, customerExternalId: 'user_2', invoiceId: 'in_3' }), { status: 401 })
  const readiness = await fetch(`${affitor.url}/api/v1/programs/me/readiness`, { headers: { authorization: `Bearer ${affitor.apiKey}` } })
  t.equal(readiness.status, 200, 'the key is a good one')
})

t.test('page: a proxy\'s page instead of the answer, before or after recording', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ page: 'before', failStatus: 400, times: 1 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: false, status: 400, data: null, error: 'HTTP 400' })
  t.equal(affitor.sandbox.affitorState.sales.length, 0)
  affitor.behave({ page: 'after', times: 1 })
  t.match(await affitor.sdk.trackSale(SALE), { ok: true, status: 200, data: null })
  t.equal(affitor.sandbox.affitorState.sales.length, 1)
})

t.test('latency waits before recording, also for a caller that has gone', async (t) => {
  const affitor = await start(t)
  await customer(affitor)
  affitor.behave({ latencyMs: { min: 100, max: 120 }, endpoints: ['sale'] })
  const hasty = new Affitor({ apiKey: affitor.apiKey, apiUrl: affitor.url, fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(30) }) })
  t.match(await hasty.trackSale(SALE), { status: 0 })
  t.equal(affitor.sandbox.affitorState.sales.length, 0)
  const began = Date.now()
  t.match(await affitor.sdk.trackSale(SALE), { status: 409 }, 'the first call was recorded in the meantime')
  t.ok(Date.now() - began >= 95)
  t.match(affitor.calls('sale'), [{ status: null, recorded: true }, { status: 409 }])
  const fast = Date.now()
  await affitor.sdk.trackRefund({ invoiceId: 'in_1' })
  t.ok(Date.now() - fast < 95, 'other endpoints are as fast as ever')
})

t.test('closing ends a delay', async (t) => {
  const affitor = await start(t)
  affitor.behave({ latencyMs: 60_000 })
  const waiting = affitor.sdk.trackClick({ affiliateUrl: 'https://shop.example/?aff=TESTCODE' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const began = Date.now()
  await affitor.sandbox.close()
  await waiting
  t.ok(Date.now() - began < 5000)
})

t.test('the control surface over HTTP', async (t) => {
  const affitor = await start(t)
  const behaviour = `${affitor.url}/_sandbox/behaviour`
  t.strictSame(await call(behaviour, 'GET'), [200, { behaviour: {}, remaining: null }])
  const set = { latencyMs: 1, failStatus: 503, times: 2, endpoints: ['sale'] }
  t.strictSame(await call(behaviour, 'POST', set), [200, { behaviour: set, remaining: 2 }])
  await customer(affitor)
  await affitor.sdk.trackSale(SALE)
  t.match(await call(behaviour, 'GET'), [200, { remaining: 1 }])
  t.strictSame(await call(behaviour, 'DELETE'), [204, null])
  t.strictSame(await call(behaviour, 'GET'), [200, { behaviour: {}, remaining: null }])

  await affitor.sdk.trackSale(SALE)
  const [status, state] = await call(`${affitor.url}/_sandbox/state`, 'GET')
  t.equal(status, 200)
  t.match(state, {
    programId: '42',
    partners: [{ code: 'TESTCODE', commissionRate: 0.2 }],
    clicks: [{ partnerCode: 'TESTCODE' }],
    customers: [{ customerKey: 'user_1' }],
    leads: [{ customerKey: 'user_1' }],
    sales: [{ transactionId: 'in_1' }],
    refunds: [],
    commissions: [{ amountCents: 200 }],
    testEvents: [],
    callCount: 4,
    calls: [{ path: '/api/v1/track/click' }, { path: '/api/v1/track/lead' }, { status: 503 }, { body: { transaction_id: 'in_1', amount_cents: 1000 }, status: 200, recorded: true }]
  })
  t.strictSame(await call(`${affitor.url}/_sandbox/state`, 'DELETE'), [204, null])
  t.match(await call(`${affitor.url}/_sandbox/state`, 'GET'), [200, { customers: [], sales: [], calls: [], callCount: 0 }])
  t.match(await affitor.sdk.trackSale(SALE), { status: 400, error: /^Customer not found/ })
})

t.test('a wrong behaviour is refused and changes nothing', async (t) => {
  const affitor = await start(t)
  const wrong: unknown[] = [
    { failStatus: 200 }, { failStatus: '500' }, { latencyMs: -1 }, { latencyMs: { min: 2, max: 1 } }, { times: 0 },
    { endpoints: ['checkout'] }, { endpoints: [] }, { dropConnection: 'now' }, { failstatus: 500 }, [], 'x'
  ]
  for (const behaviour of wrong) {
    t.match(await call(`${affitor.url}/_sandbox/behaviour`, 'POST', behaviour), [400, { error: String }], JSON.stringify(behaviour))
  }
  t.strictSame(affitor.sandbox.affitorBehaviour.current, {})
})

t.test('the state file keeps customers over a restart', async (t) => {
  const stateFile = join(t.testdir(), 'deep', 'affitor.json')
  const first = await start(t, { stateFile })
  await customer(first)
  await Promise.all(Array.from({ length: 30 }, async (_, i) => await first.sdk.trackSale({ ...SALE, invoiceId: `in_${i}` })))
  t.equal(JSON.parse(readFileSync(stateFile, 'utf8')).records.sales.length, 30, 'answered means written')
  await first.sdk.trackSale({ ...SALE, invoiceId: 'txn_test', additionalData: { test_mode: true } })
  await first.sandbox.close()
  t.strictSame(readdirSync(join(stateFile, '..')), ['affitor.json'], 'no temporary file is left')

  const second = await start(t, { stateFile })
  t.match(await second.sdk.trackSale(SALE), { status: 409 })
  t.match(await second.sdk.trackSale({ ...SALE, invoiceId: 'txn_test' }), { status: 409 })
  t.match((await second.sdk.trackSale({ ...SALE, invoiceId: 'in_30' })).data, { sale_id: 31, commission_id: 31 })
  t.match((await second.sdk.trackRefund({ invoiceId: 'in_30' })).data, { status: 'reversed', commission_id: 31 })
  t.equal(second.calls().length, 4, 'the log of calls starts anew')
  await call(`${second.url}/_sandbox/state`, 'DELETE')
  t.equal(JSON.parse(readFileSync(stateFile, 'utf8')).records.sales.length, 0)
})

t.test('a state file that cannot be used is an error that names it', async (t) => {
  const directory = t.testdir({ 'cut.json': '{"version":1,', 'odd.json': '{"version":1,"programId":"42","records":{"clicks":7}}' })
  const options = { programId: PROGRAM_ID, apiKey: API_KEY }
  for (const name of ['cut.json', 'odd.json']) {
    const stateFile = join(directory, name)
    await t.rejects(buildAffitorSandbox({ ...options, stateFile }), { message: new RegExp(`${name} of the Affitor sandbox cannot be used: .+ Delete it`) })
  }
  await t.rejects(buildAffitorSandbox({ ...options, stateFile: directory }), { message: /cannot be used/ })

  const stateFile = join(directory, 'mine.json')
  const mine = await start(t, { stateFile })
  await customer(mine)
  await mine.sandbox.close()
  await t.rejects(buildAffitorSandbox({ ...options, programId: '7', stateFile }), { message: /it belongs to program 42/ })
  writeFileSync(stateFile, readFileSync(stateFile, 'utf8').replace('"status": "lead"', '"status": "paid"'))
  await t.rejects(buildAffitorSandbox({ ...options, stateFile }), { message: /\/records\/customers\/0\/status/ })
})

t.test('wrong options are refused', async (t) => {
  const options = { programId: PROGRAM_ID, apiKey: API_KEY }
  await t.rejects(buildAffitorSandbox({ ...options, programId: '' }), TypeError)
  await t.rejects(buildAffitorSandbox({ ...options, apiKey: ' ' }), TypeError)
  await t.rejects(buildAffitorSandbox({ ...options, attributionWindowDays: 0 }), { message: /attributionWindowDays/ })
  await t.rejects(buildAffitorSandbox({ ...options, partners: [{ code: 'A', commissionRate: 20 }] }), { message: /commission rate/ })
  await t.rejects(buildAffitorSandbox({ ...options, partners: [{ code: 'A', commissionRate: 0 }, { code: 'A', commissionRate: 0 }] }), { message: /two partners/ })
})

t.test('test-event and readiness verify an integration', async (t) => {
  const now = new Date('2026-01-01T00:00:00Z')
  const affitor = await start(t, { now: () => now })
  const headers = { authorization: `Bearer ${affitor.apiKey}`, 'content-type': 'application/json' }
  const chain = async (body = '{"type":"chain"}') => await fetch(`${affitor.url}/api/v1/cli/test-event`, { method: 'POST', headers, body })
  const readiness = async (): Promise<unknown> => await (await fetch(`${affitor.url}/api/v1/programs/me/readiness?force_recheck=true`, { headers })).json()

  t.match(await readiness(), { program_id: 42, state: 'configuring', integration_verified: false, blocker: 'tracking', gates: { tracking: { status: 'fail', next_action: 'install_tracker_or_send_events' } } })
  t.equal((await chain('{}')).status, 400)
  t.match(await (await chain()).json(), {
    data: { type: 'chain', short_code: 'afftest42', customer_key: /^aff_test_ck_42_/, verdict: { click: 'attributed', lead: 'attributed', sale: 'attributed' }, attributed: true }
  })
  t.match(await readiness(), { state: 'integration_verified', integration_verified: true, blocker: null, counts_24h: { clicks: 0 }, poll: { retry_after_seconds: 5 } })
  t.equal(affitor.sandbox.affitorState.customers.length, 0, 'the chain leaves no real record')
  await affitor.click()
  t.match(await readiness(), { state: 'live_verified', last_event_at: { click: now.toISOString(), sale: null }, counts_24h: { clicks: 1, leads: 0, sales: 0 } })

  for (let i = 1; i < 10; i++) t.equal((await chain()).status, 200)
  const limited = await chain()
  t.equal(limited.status, 429)
  t.equal(limited.headers.get('retry-after'), '3600')
  t.match(await limited.json(), { error: { status: 429, code: 'rate_limited', retry_after_seconds: 3600 } })
  t.equal((await fetch(`${affitor.url}/api/v1/cli/test-event`, { method: 'POST' })).status, 401)
})

t.test('an Affitor that is away serves nothing; away for some endpoints it does', async (t) => {
  const affitor = await start(t)
  const tracker = () => fetch(`${affitor.url}/js/affitor-tracker.js`)
  const readiness = () => fetch(`${affitor.url}/api/v1/programs/me/readiness`)
  affitor.behave({ dropConnection: 'before' })
  await t.rejects(tracker(), TypeError)
  await t.rejects(readiness(), TypeError)
  await t.rejects(affitor.click(), TypeError)
  t.equal((await fetch(`${affitor.url}/_sandbox/state`)).status, 200, 'the control surface stays')
  affitor.behave({ dropConnection: 'before', endpoints: ['sale'] })
  t.equal((await tracker()).status, 200)
  t.equal((await readiness()).status, 401)
})
