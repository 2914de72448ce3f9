import pg from 'pg'
import t from 'tap'
import type { CustomerExport, PersonalDataRemoval } from '../../schemas/personal-data.js'
import { stripeEvent } from '../fixtures/index.js'
import type { AnyEvent } from '../fixtures/index.js'
import { charge, dispute } from '../../sandbox/stripe/objects/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import type { Bookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'

const IP = '203.0.113.77'
const NAME = 'Augusta Ada Lovelace'
const EMAIL = 'Ada.Love+shop@example.com'
const PHONE = '+442079460999'

/** Every row of every table that is not PostgreSQL's own. */
async function dump (connectionString: string): Promise<string> {
  const tables = await query<{ name: string }>(connectionString, `
    select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
  const parts = []
  for (const { name } of tables) {
    const rows = await query<{ row: string }>(connectionString, `select ${pg.escapeLiteral(name)} || ' ' || each::text as row from ${name} as each`)
    parts.push(...rows.map(({ row }) => row))
  }
  return parts.join('\n')
}

/** A charge that was refunded, with all that a charge can tell of who paid. */
function refundedCharge (paymentIntent: string | null, overrides: object = {}): AnyEvent {
  return stripeEvent('charge.refunded', charge({
    payment_intent: paymentIntent,
    amount: 100,
    billing_details: { address: { city: 'London', country: 'GB', line1: '12 St James\'s Square', line2: null, postal_code: 'SW1Y', state: null } as never, email: EMAIL, name: NAME, phone: PHONE, tax_id: null },
    metadata: { ip: IP },
    receipt_email: EMAIL,
    description: `For ${NAME}`,
    ...overrides
  }))
}

async function journey (t: Parameters<typeof startBookkeeper>[0]) {
  const service = await startBookkeeper(t)
  const clickId = await service.affitor.click()
  const { userId, accessToken } = await service.signUp({ email: EMAIL, affitorClickId: clickId })
  service.affitor.behave({ failStatus: 503, times: 1, endpoints: ['lead'] })
  await service.work()
  const sessionId = await service.checkOut(accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription } = await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()
  const renewed = await service.stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, {})
  await service.work()
  await service.stripe.control('POST', '/refunds', { invoice: renewed.invoice?.id, amount: 100 })
  await service.work()
  await query(service.connectionString, "update affitor.tracking_events set next_attempt_at = now() where state = 'pending'")
  await service.work()
  const [paid] = await query<{ reference: string }>(service.connectionString, "select reference from affitor.sale_references where reference like 'pi_%' limit 1")
  // Events of the customer's that tell of no fact, and so of no customer.
  await service.receive(refundedCharge(null), stripeEvent('charge.dispute.created', dispute({
    payment_intent: paid?.reference ?? '', status: 'needs_response', evidence: { customer_name: NAME, customer_purchase_ip: IP, customer_email_address: 'other@example.com' } as never
  })))
  await query(service.connectionString, `
    insert into affitor.operator_actions (tracking_event_id, customer_key, action, note, done_by)
    select id, customer_key, 'retry', 'called ${NAME}', 'Mary' from affitor.tracking_events where customer_key = '${userId}' limit 1`)
  await query(service.connectionString, `update affitor.delivery_attempts set error = 'no ${EMAIL}' where error is not null`)
  return { service, userId, accessToken, clickId, subscription: subscription?.id ?? '', paid: paid?.reference ?? '' }
}

const forget = async (service: Bookkeeper, userId: string) =>
  await service.operator<PersonalDataRemoval & { code: string, message: string }>('DELETE', `/api/tracking/customers/${encodeURIComponent(userId)}/personal-data`)

t.test('personal data is deleted from the whole database, and from what comes later', async t => {
  const { service, userId, accessToken, clickId, subscription, paid } = await journey(t)
  const other = await service.signUp({ email: `x${EMAIL}`, affitorClickId: await service.affitor.click() })
  await service.work()
  const personal = [EMAIL, NAME, clickId, '4242', IP, PHONE, 'St James', 'other@example.com']
  const before = await dump(service.connectionString)
  for (const text of personal) t.ok(before.includes(text), `${text} is there before`)
  const othersBefore = before.split('\n').filter(row => row.includes(other.userId))
  const factsBefore = await service.facts({ userId })

  const { status, body } = await forget(service, userId)
  t.equal(status, 200, JSON.stringify(body))
  t.equal(body.customerKey, userId)
  t.ok(body.facts >= 3 && body.stripeEvents >= 4, JSON.stringify(body))
  t.match(body, { deliveryAttempts: 1, notes: 1 })
  const after = await dump(service.connectionString)
  const check = (text: string) => {
    // The other's e-mail has this one in it, and its row stays.
    const rows = text.split('\n').filter(row => !row.includes(other.userId))
    for (const part of personal) t.notOk(rows.some(row => row.toLowerCase().includes(part.toLowerCase())), `${part} is gone`)
  }
  check(after)
  t.same(after.split('\n').filter(row => row.includes(other.userId)).sort(), othersBefore.sort(), 'another customer\'s are as they were')
  t.same((await service.facts({ userId })).map(({ transactionId, state, payload }) => [transactionId, state, payload !== undefined && 'amountCents' in payload && payload.amountCents]),
    factsBefore.map(({ transactionId, state, payload }) => [transactionId, state, payload !== undefined && 'amountCents' in payload && payload.amountCents]), 'amounts and ids stay')

  t.match(await forget(service, userId), { status: 200, body: { facts: 0, deliveryAttempts: 0, stripeEvents: 0, notes: 0 } }, 'twice is fine')

  const authorization = { authorization: `Bearer ${accessToken}` }
  t.match(await service.request('POST', '/api/checkout', { priceId: 'price_sandbox_onetime', mode: 'payment' }, authorization), { status: 401, body: { code: 'UNAUTHORIZED' } }, 'an old token')
  for (const email of [EMAIL, `${userId}@deleted.invalid`]) {
    t.match(await service.request('POST', '/api/login', { email, password: 'correct horse battery' }), { status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  }

  // Stripe goes on to send what it knows.
  const renewal = await service.stripe.control('POST', `/subscriptions/${subscription}/renew`, {})
  await service.work()
  t.match((await service.facts({ userId })).at(-1), { transactionId: renewal.invoice?.id, state: 'delivered', payload: { isRecurring: true, clickId: undefined } })
  await service.stripe.control('POST', '/refunds', { invoice: renewal.invoice?.id })
  await service.work()
  await service.receive(refundedCharge(paid), stripeEvent('charge.dispute.created', dispute({
    payment_intent: paid, status: 'needs_response', evidence: { customer_name: NAME, customer_email_address: 'other@example.com' } as never
  })))
  check(await dump(service.connectionString))

  const requeued = await query<{ id: string }>(service.connectionString, "select id from affitor.stripe_events where state = 'interpreted'")
  const count = (await service.facts({ userId })).length
  for (const { id } of requeued) await service.operator('POST', `/api/tracking/stripe-events/${id}/retry`)
  await service.work()
  t.equal((await service.facts({ userId })).length, count, 'read again, nothing is counted twice')
  t.match(await service.signUp({ email: EMAIL }), { userId: String }, 'the e-mail may sign up anew')
})

t.test('while facts wait or events are unread it is 409, and nothing is changed', async t => {
  const service = await startBookkeeper(t)
  const { userId, accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const refused = await forget(service, userId)
  t.match(refused, { status: 409, body: { code: 'CUSTOMER_BUSY', message: /Not yet sent facts of this customer: 1, not yet read Stripe events: 0\.[\s\S]+hold/ } })
  await service.work()
  const session = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  t.match(await forget(service, userId), { status: 409, body: { message: /not yet read Stripe events: [1-9]/ } })
  t.same(await query(service.connectionString, 'select 1 from affitor.forgotten_customers'), [])
  await service.work()
  t.match(await forget(service, userId), { status: 200 })
})

t.test('a customer key that nobody has is 404, to delete and to export', async t => {
  const service = await startBookkeeper(t)
  t.match(await forget(service, 'nobody'), { status: 404, body: { code: 'NOT_FOUND' } })
  t.match(await service.operator('GET', '/api/tracking/customers/nobody/export'), { status: 404, body: { code: 'NOT_FOUND' } })
})

t.test('an export has everything about one customer, and nothing about others', async t => {
  const { service, userId, clickId, subscription } = await journey(t)
  const other = await service.signUp()
  await service.work()
  const { status, headers, body } = await service.operator<CustomerExport>('GET', `/api/tracking/customers/${userId}/export`)
  t.equal(status, 200)
  t.equal(headers.get('content-disposition'), 'attachment; filename="customer.json"')
  t.match(body, { customerKey: userId, forgottenAt: null, user: { id: userId, email: EMAIL, affitorClickId: clickId } })
  const kinds = body.facts.map(({ kind }) => kind)
  t.same(new Set(kinds), new Set(['lead', 'sale', 'refund']))
  t.ok(body.attempts.some(({ attempt }) => attempt.status === 503))
  t.ok(body.stripeEvents.some(({ event, payload }) => event.type === 'checkout.session.completed' && (payload as { data?: object }).data !== undefined))
  t.ok(JSON.stringify(body.stripeEvents).includes(NAME), 'also events that only mention the customer')
  t.equal(body.checkouts.length, 1)
  t.ok(body.stripeReferences.some(({ reference }) => reference === subscription))
  t.ok(body.saleReferences.length > 2)
  t.match(body.operatorActions, [{ action: { action: 'retry', note: `called ${NAME}`, by: 'Mary' } }])
  t.notMatch(JSON.stringify(body), new RegExp(`argon2|${other.userId}|${other.email}`))
  await forget(service, userId)
  t.match((await service.operator('GET', `/api/tracking/customers/${userId}/export`)).body, {
    forgottenAt: String, user: { email: `${userId}@deleted.invalid` }, operatorActions: [{ action: { note: null } }, { action: { action: 'delete_personal_data' } }]
  })
})
