import pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { cameBack, reasons } from '../../src/ledger/reasons.js'
import { customerOfLead, leadOf } from '../../src/ledger/leads.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'

interface Tracked { id: string, state: string, created: boolean }

/** Calls a function with named arguments, by the application's own connections. */
async function call (ledger: TestLedger | pg.Client, name: string, args: Record<string, unknown>): Promise<Tracked> {
  const on = 'pool' in ledger ? ledger.pool : ledger
  const { rows: [row] } = await on.query(`select * from affitor.${name}(${Object.keys(args).map((arg, n) => `${arg} => $${n + 1}`).join(', ')})`, Object.values(args))
  return row as Tracked
}

async function connect (t: Test, { connectionString }: TestLedger): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const payloads = async (ledger: TestLedger) => (await ledger.query('select kind, transaction_id, customer_key, sale_transaction_id, payload, source from tracking_events order by id'))

t.test('a customer\'s lead, sale and refund, each once', async t => {
  const ledger = await openLedger(t)
  const lead = await call(ledger, 'track_lead', { customer_key: 'ada', email: 'ada@example.com', click_id: '' })
  t.match(lead, { state: 'pending', created: true })
  t.same(await call(ledger, 'track_lead', { customer_key: 'ada', email: 'other@example.com' }), { ...lead, created: false })
  const sale = await call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 4900, currency: 'eur', subscription_id: 'abo_1', product_id: 'book' })
  t.same(await call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 1 }), { ...sale, created: false })
  const refund = await call(ledger, 'track_refund', { sale_transaction_id: 'order_1', reason: 'asked' })
  t.same(await call(ledger, 'track_refund', { sale_transaction_id: 'order_1' }), { ...refund, created: false })
  t.same(await payloads(ledger), [
    { kind: 'lead', transaction_id: 'ada', customer_key: 'ada', sale_transaction_id: null, source: 'sql', payload: { v: 1, email: 'ada@example.com' } },
    { kind: 'sale', transaction_id: 'order_1', customer_key: 'ada', sale_transaction_id: null, source: 'sql', payload: { v: 1, amountCents: 4900, currency: 'EUR', saleType: 'subscription', isRecurring: false, subscriptionId: 'abo_1', productId: 'book' } },
    { kind: 'refund', transaction_id: 'order_1:refund', customer_key: 'ada', sale_transaction_id: 'order_1', source: 'sql', payload: { v: 1, amountCents: 4900, currency: 'EUR', full: true, refundReason: 'asked' } }
  ])
})

t.test('refunds give back what is left, and never more', async t => {
  const ledger = await openLedger(t)
  const amounts = async () => (await payloads(ledger)).filter(({ kind }) => kind === 'refund').map(({ payload }) => payload)
  const refund = (args: Record<string, unknown>) => call(ledger, 'track_refund', { sale_transaction_id: 'order_1', ...args })
  await t.rejects(refund({}), { code: 'P0002', message: 'affitor.track_refund: there is no sale order_1' })
  await call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 1000 })
  const first = await refund({ refund_id: 'r1', amount_cents: 400 })
  await t.rejects(refund({ refund_id: 'r2', amount_cents: 601 }), { code: '22023', message: 'affitor.track_refund: amount_cents must be at most what is left of sale order_1: 600 of 1000' })
  await refund({ refund_id: 'r2', amount_cents: 0 })
  t.same(await amounts(), [{ v: 1, amountCents: 400, currency: 'USD', full: false }, { v: 1, amountCents: 600, currency: 'USD', full: false }])
  t.same(await refund({ refund_id: 'r1', amount_cents: 400 }), { ...first, created: false }, 'again, with nothing left')
  await t.rejects(refund({ refund_id: 'r3' }), { code: '22023', message: /left of sale order_1: 0 of 1000/ })
  await ledger.query("update tracking_events set state = 'skipped', reason = 'refund_failed' where transaction_id = 'r1'")
  await refund({ refund_id: 'r3', amount_cents: 400 })

  await call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_2', amount_cents: 1000 })
  const single = await refund({ sale_transaction_id: 'order_2', amount_cents: 300 })
  t.same(await refund({ sale_transaction_id: 'order_2', amount_cents: 300 }), { ...single, created: false })
  for (const amount of [null, 200]) {
    await t.rejects(refund({ sale_transaction_id: 'order_2', amount_cents: amount }), { code: '23505', message: /has a refund of 300 without refund_id already/ }, 'a second one is not taken for the first')
  }
})

t.test('of two refunds at once, the second sees the first', async t => {
  const ledger = await openLedger(t)
  await call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 1000 })
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map(id => call(ledger, 'track_refund', { sale_transaction_id: 'order_1', refund_id: id, amount_cents: 400 })))
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2)
})

t.test('facts of a customer become visible in the order of their ids, whoever adds them', async t => {
  const ledger = await openLedger(t)
  const host = await connect(t, ledger)
  await host.query('begin')
  await call(host, 'track_lead', { customer_key: 'ada' })
  const sale = call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 1 })
  await call(ledger, 'track_sale', { customer_key: 'bob', transaction_id: 'order_2', amount_cents: 1 })
  t.same((await ledger.rows()).map(row => row.transaction_id), ['order_2'], 'the sale waits for the lead\'s transaction')
  await host.query('commit')
  await sale
  t.same((await ledger.rows()).map(row => row.transaction_id).filter(id => id !== 'order_2'), ['ada', 'order_1'])

  await host.query('begin; select 1')
  await call(host, 'track_lead', { customer_key: 'carol' })
  await host.query('rollback')
  t.equal((await ledger.rows()).length, 3, 'a transaction that is given up leaves nothing')
})

t.test('a fact is due with what its customer waits for', async t => {
  const ledger = await openLedger(t)
  await call(ledger, 'track_lead', { customer_key: 'ada' })
  await ledger.query("update tracking_events set next_attempt_at = now() + interval '1 hour'")
  await call(ledger, 'track_sale', { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 1 })
  const [lead, sale] = await ledger.rows()
  t.same(sale?.next_attempt_at, lead?.next_attempt_at)
})

t.test('bad arguments are refused in a sentence that names them', async t => {
  const ledger = await openLedger(t)
  const long = (length: number) => 'x'.repeat(length)
  const sale = { customer_key: 'ada', transaction_id: 'order_1', amount_cents: 1 }
  const days = (count: number) => new Date(Date.now() + count * 86_400_000)
  const bad: Array<[string, Record<string, unknown>, RegExp]> = [
    ['track_lead', { customer_key: null }, /^affitor\.track_lead: customer_key must be a text of 1 to 200 characters$/],
    ['track_lead', { customer_key: '' }, /customer_key must/],
    ['track_lead', { customer_key: long(201) }, /customer_key must/],
    ['track_lead', { customer_key: 'ada', email: long(255) }, /email must/],
    ['track_lead', { customer_key: 'ada', click_id: long(256) }, /click_id must/],
    ['track_lead', { customer_key: 'ada', source: '' }, /source must/],
    ['track_sale', { ...sale, customer_key: '' }, /^affitor\.track_sale: customer_key must/],
    ['track_sale', { ...sale, transaction_id: long(256) }, /transaction_id must/],
    ['track_sale', { ...sale, amount_cents: 0 }, /^affitor\.track_sale: amount_cents must be a positive integer \(cents\)$/],
    ['track_sale', { ...sale, amount_cents: '9007199254740992' }, /amount_cents must/],
    ['track_sale', { ...sale, amount_cents: null }, /amount_cents must/],
    ['track_sale', { ...sale, currency: 'US' }, /currency must/],
    ['track_sale', { ...sale, currency: null }, /currency must/],
    ['track_sale', { ...sale, sale_type: 'gift' }, /sale_type must/],
    ['track_sale', { ...sale, is_recurring: null }, /is_recurring must/],
    ['track_sale', { ...sale, subscription_id: long(256) }, /subscription_id must/],
    ['track_sale', { ...sale, subscription_interval: 'weekly' }, /subscription_interval must/],
    ['track_sale', { ...sale, click_id: long(256) }, /click_id must/],
    ['track_sale', { ...sale, product_id: long(256) }, /product_id must/],
    ['track_sale', { ...sale, occurred_at: days(-401) }, /^affitor\.track_sale: occurred_at must be at most 400 days back and at most 5 minutes ahead$/],
    ['track_sale', { ...sale, occurred_at: days(0.01) }, /occurred_at must/],
    ['track_refund', { sale_transaction_id: '' }, /sale_transaction_id must/],
    ['track_refund', { sale_transaction_id: 'a', refund_id: long(256) }, /refund_id must/],
    ['track_refund', { sale_transaction_id: 'a', amount_cents: -1 }, /^affitor\.track_refund: amount_cents must/],
    ['track_refund', { sale_transaction_id: 'a', occurred_at: days(-401) }, /^affitor\.track_refund: occurred_at must/]
  ]
  for (const [name, args, message] of bad) await t.rejects(call(ledger, name, args), { code: '22023', message }, `${name} ${message.source}`)
  t.equal((await ledger.rows()).length, 0)
})

t.test('the tables refuse what the functions would not write, by the name of the rule', async t => {
  const ledger = await openLedger(t)
  const sale = { v: 1, amountCents: 1, currency: 'USD', saleType: 'payment', isRecurring: false }
  const bad: Record<string, Array<Parameters<TestLedger['add']>[0]>> = {
    tracking_events_kind: [{ kind: 'gift' as 'sale', payload: {} }],
    tracking_events_customer_key: [{ customerKey: '' }, { customerKey: 'x'.repeat(201) }],
    tracking_events_transaction_id: [{ transactionId: '' }],
    tracking_events_lead_payload: [{ kind: 'lead', payload: { v: 1, clickId: 'x'.repeat(256) } }, { kind: 'lead', payload: { v: 1, other: 1 } }],
    tracking_events_sale_payload: [
      { ...sale, amountCents: 0 }, { ...sale, amountCents: 1.5 }, { ...sale, amountCents: '1' }, { ...sale, currency: 'usd' }, { ...sale, isRecurring: 'no' },
      { ...sale, saleType: 'gift' }, { ...sale, productId: 1 }, { ...sale, paidCents: 2 ** 53 }, { v: 1 }
    ].map(payload => ({ payload })),
    tracking_events_refund_payload: [
      { v: 1, amountCents: 1, currency: 'USD' }, { v: 1, amountCents: -1, currency: 'USD', full: true }, { v: 1, amountCents: 1, full: true }
    ].map(payload => ({ kind: 'refund', payload }))
  }
  for (const [constraint, events] of Object.entries(bad)) {
    for (const event of events) await t.rejects(ledger.add(event as never), { code: '23514', constraint }, `${constraint}: ${JSON.stringify(event).slice(0, 80)}`)
  }
  await ledger.add({ payload: { v: 2, whatever: true } })
})

t.test('what is told in SQL and in TypeScript is the same', async t => {
  const ledger = await openLedger(t)
  const rows = await ledger.query('select reason from unnest($1::text[]) reason where affitor.came_back(reason)', [Object.keys(reasons)])
  t.same(rows.map(({ reason }) => reason).sort(), [...cameBack].sort())
  t.same(await ledger.query("select affitor.lead_of('ada') as name, affitor.came_back(null) as none"), [{ name: leadOf('ada'), none: false }])
  t.equal(customerOfLead(leadOf('a:b')), 'a:b')
})
