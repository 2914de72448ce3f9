import pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const service = await startService(t)
const { report } = service
let count = 0
const newId = (name: string) => `${name}_${++count}`
const sale = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({ customerKey: newId('customer'), transactionId: newId('order'), amountCents: 4900, currency: 'USD', ...fields })

async function stored (t: Test, path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await report(path, body)
  t.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

t.test('a lead, a sale and a refund are stored, and told to Affitor in this order', async t => {
  const customerKey = newId('customer')
  const clickId = await service.affitor.click()
  const lead = await stored(t, '/api/leads', { customerKey, email: 'Ada@example.com', clickId })
  t.match(lead, { kind: 'lead', transactionId: customerKey, customerKey, state: 'pending', source: 'api', stripeEventId: null, payload: { email: 'Ada@example.com', clickId } })
  const occurredAt = new Date(Date.now() - 3_600_000).toISOString()
  const bought = await stored(t, '/api/sales', sale({
    customerKey, transactionId: 'order_a', currency: 'eur', subscriptionId: 'abo_1', subscriptionInterval: 'monthly', isRecurring: true, productId: 'pro', occurredAt
  }))
  t.match(bought, {
    kind: 'sale',
    transactionId: 'order_a',
    occurredAt,
    payload: { v: 1, amountCents: 4900, currency: 'EUR', saleType: 'subscription', isRecurring: true, subscriptionId: 'abo_1', subscriptionInterval: 'monthly', productId: 'pro' }
  })
  const refund = await stored(t, '/api/refunds', { saleTransactionId: 'order_a', refundId: 'back_1', amountCents: 900, reason: 'asked' })
  t.match(refund, { kind: 'refund', transactionId: 'back_1', saleTransactionId: 'order_a', customerKey, payload: { amountCents: 900, full: false, refundReason: 'asked' } })
  await service.work()
  t.same((await service.ledger()).map(({ kind, state }) => [kind, state]), [['lead', 'delivered'], ['sale', 'delivered'], ['refund', 'delivered']])
})

t.test('the same report again is answered 200 with what is stored', async t => {
  const lead = { customerKey: newId('customer'), email: 'bob@example.com', clickId: 'cust_1' }
  const { id } = await stored(t, '/api/leads', lead)
  for (const again of [lead, { customerKey: lead.customerKey }, { ...lead, email: 'BOB@example.com' }, { ...lead, clickId: null }]) {
    t.match(await report('/api/leads', again), { status: 200, body: { id, kind: 'lead' } }, JSON.stringify(again))
  }
  const first = sale({ saleType: 'payment', isRecurring: false })
  const occurredAt = new Date(Date.now() - 86_400_000)
  const bought = await stored(t, '/api/sales', { ...first, occurredAt: occurredAt.toISOString() })
  const { saleType: _type, isRecurring: _recurring, ...least } = first
  for (const again of [least, { ...least, currency: 'usd' }, { ...least, occurredAt: occurredAt.toISOString().replace('Z', '+00:00') }]) {
    t.match(await report('/api/sales', again), { status: 200, body: { id: bought.id } }, JSON.stringify(again))
  }
  const { transactionId } = first
  const refund = await stored(t, '/api/refunds', { saleTransactionId: transactionId, refundId: newId('back'), amountCents: 900 })
  t.match(await report('/api/refunds', { saleTransactionId: transactionId, refundId: refund.transactionId }), { status: 200, body: { id: refund.id } })
  const rest = await stored(t, '/api/refunds', { saleTransactionId: transactionId })
  t.match(rest, { payload: { amountCents: 4000, full: false } }, 'all that is left')
  t.match(await report('/api/refunds', { saleTransactionId: transactionId }), { status: 200, body: { id: rest.id } })
  t.match(await report('/api/refunds', { saleTransactionId: transactionId, amountCents: 4000 }), { status: 200, body: { id: rest.id } })
})

t.test('the same key with other content is refused, and told what differs', async t => {
  const conflict = async (path: string, body: unknown, message: RegExp) => { matchError(t, await report(path, body), 'CONFLICTING_FACT', message, JSON.stringify(body)) }
  const lead = { customerKey: newId('customer'), email: 'carol@example.com' }
  await stored(t, '/api/leads', lead)
  await conflict('/api/leads', { ...lead, email: 'other@example.com' }, /^The lead of customer customer_\d+ is stored already, and differs in: email\.$/)
  await conflict('/api/leads', { ...lead, clickId: 'cust_2', email: 'x@example.com' }, /differs in: clickId, email|differs in: email, clickId/)

  const bought = sale({ customerKey: lead.customerKey })
  await stored(t, '/api/sales', bought)
  const other: Record<string, unknown> = {
    customerKey: 'somebody',
    amountCents: 4901,
    currency: 'EUR',
    saleType: 'subscription',
    isRecurring: true,
    subscriptionId: 'abo',
    subscriptionInterval: 'annual',
    productId: 'book',
    occurredAt: new Date(Date.now() - 1_000_000).toISOString()
  }
  for (const [name, value] of Object.entries(other)) await conflict('/api/sales', { ...bought, [name]: value }, new RegExp(`^Sale order_\\d+ is stored already, and differs in: ${name}\\.$`))
  await conflict('/api/sales', { ...bought, amountCents: 1, currency: 'EUR' }, /differs in: amountCents, currency\.$/)

  const back = { saleTransactionId: bought.transactionId, refundId: newId('back'), amountCents: 900, reason: 'asked' }
  await stored(t, '/api/refunds', back)
  await conflict('/api/refunds', { ...back, amountCents: 901 }, /^Refund back_\d+ is stored already, and differs in: amountCents\.$/)
  await conflict('/api/refunds', { ...back, reason: 'fraud' }, /differs in: reason\.$/)
  const elsewhere = await stored(t, '/api/sales', sale())
  await conflict('/api/refunds', { ...back, saleTransactionId: elsewhere.transactionId }, /differs in: saleTransactionId\.$/)
  await stored(t, '/api/refunds', { saleTransactionId: elsewhere.transactionId, amountCents: 900 })
  for (const amountCents of [undefined, 901]) {
    await conflict('/api/refunds', { saleTransactionId: elsewhere.transactionId, amountCents }, /^amountCents differs: sale order_\d+ has a refund of 900 without refundId already; give each of several refunds its own refundId\.$/)
  }
})

t.test('whoever brought it first: signup, SQL or Stripe', async t => {
  const clickId = await service.affitor.click()
  const { userId, email, accessToken } = await service.signUp({ affitorClickId: clickId })
  t.match(await report('/api/leads', { customerKey: userId, email, clickId }), { status: 200, body: { source: 'signup', stripeEventId: null } })
  matchError(t, await report('/api/leads', { customerKey: userId, clickId: 'cust_other' }), 'CONFLICTING_FACT', /differs in: clickId\.$/)

  await query(service.connectionString, "select affitor.track_sale('sql_customer', 'sql_order', 100)")
  t.match(await report('/api/sales', { customerKey: 'sql_customer', transactionId: 'sql_order', amountCents: 100, currency: 'USD' }), { status: 200, body: { source: 'sql' } })
  await query(service.connectionString, "select affitor.track_sale('sql_customer', 'sql_order_2', 100, source => 'evening import')")
  t.match(await report('/api/sales', { customerKey: 'sql_customer', transactionId: 'sql_order_2', amountCents: 100, currency: 'USD' }), { status: 200, body: { source: 'sql' } })

  const session = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  await service.work()
  const payment = { customerKey: userId, transactionId: session, amountCents: 4900, currency: 'USD' }
  t.match(await report('/api/sales', payment), { status: 200, body: { source: 'stripe', stripeEventId: /^evt_/ } })
  matchError(t, await report('/api/sales', { ...payment, customerKey: 'somebody', amountCents: 1 }), 'CONFLICTING_FACT', /differs in: customerKey, amountCents\.$/)
})

t.test('a sale that was reported by Stripe\'s id is not counted again when Stripe tells of it', async t => {
  const { userId, accessToken } = await service.signUp()
  const session = await service.checkOut(accessToken)
  await stored(t, '/api/sales', { customerKey: userId, transactionId: session, amountCents: 4900, currency: 'USD' })
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  await service.work()
  t.same((await service.ledger()).filter(({ customerKey, kind }) => customerKey === userId && kind === 'sale').map(({ source, transactionId }) => [source, transactionId]), [['api', session]])
})

t.test('twenty identical reports at once are one row: one 201, nineteen 200', async t => {
  for (const [path, body] of [['/api/leads', { customerKey: newId('customer'), email: 'many@example.com' }], ['/api/sales', sale()]] as const) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => report(path, body)))
    t.same(answers.map(({ status }) => status).sort(), [...Array<number>(19).fill(200), 201], path)
    t.equal(new Set(answers.map(answer => answer.body.id)).size, 1)
  }
})

t.test('of two processes that are told different things at once, one stores and the other is refused', async t => {
  const other = await startService(t, { affitor: service.affitor, stripe: service.stripe, connectionString: service.connectionString })
  for (let round = 0; round < 10; round++) {
    const body = sale()
    const answers = await Promise.all([report('/api/sales', body), other.report('/api/sales', { ...body, customerKey: newId('customer'), amountCents: 1 })])
    t.same(answers.map(({ status }) => status).sort(), [201, 409])
    const one = sale({ customerKey: 'shared' })
    const same = await Promise.all([report('/api/sales', one), other.report('/api/sales', { ...one, amountCents: 1 })])
    t.same(same.map(({ status }) => status).sort(), [201, 409])
  }
})

t.test('a sale of a customer without a lead is taken', async t => {
  await stored(t, '/api/sales', sale())
})

t.test('what cannot have happened is refused in a sentence', async t => {
  const bought = await stored(t, '/api/sales', sale({ amountCents: 1000 }))
  await stored(t, '/api/refunds', { saleTransactionId: bought.transactionId, refundId: newId('back'), amountCents: 400 })
  matchError(t, await report('/api/refunds', { saleTransactionId: bought.transactionId, refundId: newId('back'), amountCents: 601 }), 'IMPLAUSIBLE_FACT',
    `body/amountCents must be at most what is left of sale ${String(bought.transactionId)}: 600 of 1000.`)
  matchError(t, await report('/api/refunds', { saleTransactionId: 'nothing' }), 'NOT_FOUND', 'there is no sale nothing. Report the sale first.')
  const at = (ms: number) => sale({ occurredAt: new Date(Date.now() + ms).toISOString() })
  const minute = 60_000
  for (const ms of [-400 * 1440 * minute - minute, 6 * minute]) {
    matchError(t, await report('/api/sales', at(ms)), 'IMPLAUSIBLE_FACT', 'body/occurredAt must be at most 400 days back and at most 5 minutes ahead.')
  }
  for (const ms of [-400 * 1440 * minute + minute, 4 * minute]) t.equal((await report('/api/sales', at(ms))).status, 201)
  matchError(t, await report('/api/sales', sale({ occurredAt: '2016-12-31T23:59:60Z' })), 'IMPLAUSIBLE_FACT', 'body/occurredAt must be a time that exists.')
})

t.test('bad input is refused in a sentence that names the field', async t => {
  const bad: Array<[string, unknown, RegExp]> = [
    ['/api/leads', {}, /customerKey/], ['/api/leads', { customerKey: '' }, /customerKey/], ['/api/leads', { customerKey: 1 }, /customerKey/],
    ['/api/leads', { customerKey: 'a', email: 'no' }, /email/], ['/api/leads', { customerKey: 'a', name: 'Ada' }, /name/],
    ['/api/sales', { ...sale(), amountCents: 0 }, /amountCents/], ['/api/sales', { ...sale(), amountCents: 1.5 }, /amountCents/],
    ['/api/sales', { ...sale(), currency: 'DOLLAR' }, /currency/], ['/api/sales', { ...sale(), currency: undefined }, /currency/],
    ['/api/sales', { ...sale(), saleType: 'gift' }, /must be one of: payment, subscription/], ['/api/sales', { ...sale(), occurredAt: 'yesterday' }, /occurredAt/],
    ['/api/refunds', { saleTransactionId: 'a', refundId: '' }, /refundId/], ['/api/refunds', { amountCents: 1 }, /saleTransactionId/]
  ]
  for (const [path, body, message] of bad) matchError(t, await report(path, body), 'INVALID_REQUEST', message, JSON.stringify(body))
  matchError(t, await report('/api/leads', { customerKey: 'x'.repeat(17_000) }), 'BODY_TOO_LARGE')
})

t.test('a sale in a currency that Affitor does not take needs attention, and is sent once it is among the settings', async t => {
  const { id } = await stored(t, '/api/sales', sale({ currency: 'GBP' }))
  await service.work()
  const event = async () => (await service.operator('GET', `/api/tracking/events/${String(id)}`)).body
  t.match(await event(), { state: 'needs_attention', reason: 'unsupported_currency', retryable: true, lastStatus: null })
  const other = await startService(t, {
    affitor: service.affitor, stripe: service.stripe, connectionString: service.connectionString, variables: { SALE_CURRENCIES: 'USD,EUR,VND,GBP' }
  })
  t.equal((await other.operator('POST', `/api/tracking/events/${String(id)}/retry`)).status, 202)
  await other.work()
  t.match(await event(), { lastStatus: Number })
})

t.test('when Affitor records Stripe\'s sales by Connect, reported ones are sent but for those of Stripe', async t => {
  const connect = await startService(t, { affitor: service.affitor, stripe: service.stripe, variables: { AFFITOR_SALE_SOURCE: 'connect' } })
  const customerKey = newId('customer')
  await connect.report('/api/leads', { customerKey, clickId: await service.affitor.click() })
  for (const transactionId of ['order_of_connect', 'cs_1', 'in_1', 'pi_1', 'ch_1']) t.equal((await connect.report('/api/sales', sale({ customerKey, transactionId }))).status, 201)
  await connect.work()
  t.same((await connect.ledger()).filter(({ kind }) => kind === 'sale').map(({ transactionId, state, reason }) => [transactionId, state, reason]), [
    ['order_of_connect', 'delivered', null], ...['cs_1', 'in_1', 'pi_1', 'ch_1'].map(id => [id, 'skipped', 'recorded_by_connect'])
  ])
})

t.test('a customer whom an open transaction holds keeps nobody else waiting', async t => {
  const host = new pg.Client({ connectionString: service.connectionString })
  await host.connect()
  t.teardown(() => host.end())
  await host.query("begin; select affitor.track_lead('held')")
  const held = [report('/api/sales', sale({ customerKey: 'held', transactionId: 'held_1' })), report('/api/sales', sale({ customerKey: 'held', transactionId: 'held_2' }))]
  for (let i = 0; i < 5; i++) await stored(t, '/api/sales', sale())
  await host.query('commit')
  t.same((await Promise.all(held)).map(({ status }) => status), [201, 201])
  const rows = await query<{ transaction_id: string }>(service.connectionString, "select transaction_id from tracking_events where customer_key = 'held' order by id")
  t.equal(rows[0]?.transaction_id, 'held', 'after the lead')
})

t.test('one that holds a customer for too long is told of', async t => {
  const host = new pg.Client({ connectionString: service.connectionString })
  await host.connect()
  t.teardown(() => host.end())
  await host.query("begin; select affitor.track_lead('held for long')")
  matchError(t, await report('/api/sales', sale({ customerKey: 'held for long' })), 'DATABASE_UNAVAILABLE', /^An open transaction of the database adds facts of the same customer/)
})
