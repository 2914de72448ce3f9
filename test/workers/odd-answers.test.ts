import t from 'tap'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import { openLedger } from '../helpers/ledger.js'
import { makeWorkers } from '../helpers/workers.js'

const recorded = (message: string) => `{"success":true,"sale_id":1,"commission_id":2,"message":"${message}"}`

const bodies: Array<[what: string, body: string, row: object]> = [
  ['NUL escapes', recorded('a\\u0000b \\\\u0000 \\ud800'), { state: 'delivered', response: { message: 'ab \\u0000 \ufffd' } }],
  ['a huge answer', recorded('😀'.repeat(300_000)), { state: 'delivered', response: /^{"success":true/ }],
  ['a page instead of an answer', '<html>Please log in</html>', { state: 'pending', response: null }],
  ['half an answer', '{"success":true', { state: 'pending', response: null }],
  ['a list', '[]', { state: 'pending', response: [] }],
  ['nothing', '', { state: 'pending', response: null }],
  ['no success', '{"success":false,"message":"no"}', { state: 'pending' }]
]

for (const [what, body, row] of bodies) {
  t.test(`${what}: stored, and a success only if it says so`, async t => {
    const ledger = await openLedger(t)
    const fake = await startFakeAffitor(t, { body, headers: { 'retry-after': '60' } })
    const [id = 0] = await ledger.add({})
    await makeWorkers(t, ledger, { affitor: { url: fake.url, apiKey: 'key' } }).runUntilIdle()
    t.match(await ledger.row(id), { leased_by: null, last_status: 200, attempts: 1, ...row })
    t.equal(fake.calls(), 1)
  })
}

for (const header of ['99999999999999999999', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT']) {
  t.test(`a Retry-After of ${header.slice(0, 30)} is not believed`, async t => {
    const ledger = await openLedger(t)
    const fake = await startFakeAffitor(t, { status: 503, headers: { 'retry-after': header }, body: '{"error":"later"}' })
    const [id = 0] = await ledger.add({})
    await makeWorkers(t, ledger, { affitor: { url: fake.url, apiKey: 'key' } }).runUntilIdle()
    t.match(await ledger.row(id), { state: 'pending', leased_by: null, last_status: 503, last_error: 'later' })
    const [{ hours } = {}] = await ledger.query('select extract(epoch from next_attempt_at - now())::float8 / 3600 as hours from tracking_events')
    t.ok(Number(hours) > 23 && Number(hours) <= 24)
  })
}

t.test('rows that cannot be sent need attention, and the others go on', async t => {
  const ledger = await openLedger(t)
  const fake = await startFakeAffitor(t, { body: recorded('ok') })
  // The table refuses such rows, and whoever sends them does not rely on that.
  const rules = ['kind', 'lead_payload', 'sale_payload', 'refund_payload'].map(rule => `drop constraint tracking_events_${rule}`)
  await ledger.query(`alter table tracking_events ${rules.join(', ')}`)
  const malformed = [
    { customerKey: 'ada', payload: { v: 1, currency: 'USD' } },
    { payload: { v: 1, amountCents: 0, currency: 'USD' } },
    { payload: { v: 1, amountCents: '4900', currency: 'USD' } },
    { payload: 'not an object' },
    { payload: { v: 1, amountCents: 4900, currency: 7 } },
    { kind: 'lead', payload: { v: 1, clickId: {} } },
    // Without an amount Affitor takes the whole sale back.
    { kind: 'refund', saleTransactionId: 'cs_1', payload: { v: 1, full: false } },
    { kind: 'refund', saleTransactionId: 'cs_1', payload: { v: 1, amountCents: 0, full: false } },
    { kind: 'refund', saleTransactionId: 'cs_1', payload: { v: 1 } },
    { kind: 'refund', payload: { v: 1, amountCents: 1, full: true } }
  ] as const
  await ledger.add(...malformed)
  await ledger.query("update tracking_events set payload = 'null' where id = 4")
  const [unknown = 0] = await ledger.add({})
  await ledger.query("update tracking_events set kind = 'gift' where id = $1", [unknown])
  await ledger.add({ customerKey: 'ada' }, {})
  await makeWorkers(t, ledger, { affitor: { url: fake.url, apiKey: 'key' } }).runUntilIdle()

  const rows = await ledger.rows()
  for (const row of rows.slice(0, -2)) t.match(row, { state: 'needs_attention', reason: 'malformed', attempts: 1, leased_by: null, settled_at: Date }, `row ${row.id}`)
  t.match(rows.slice(-2), [{ state: 'delivered' }, { state: 'delivered' }])
  t.equal(fake.calls(), 2)
})
