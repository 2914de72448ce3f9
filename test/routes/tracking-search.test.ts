import t from 'tap'
import type { CustomerSearch } from '../../schemas/operator.js'
import type { TrackingEvent } from '../../schemas/tracking.js'
import { matchError } from '../helpers/errors.js'
import { openShop } from '../helpers/shop.js'

const shop = await openShop(t)

const find = async (q: string) => (await shop.operator<CustomerSearch>('GET', `/api/tracking/search?q=${encodeURIComponent(q)}`)).body
/** The customers that are found, and by what. */
const found = async (q: string) => (await find(q)).customers.map(({ customerKey, matched }) => [customerKey, matched])

// A referred customer who paid once and got half of it back, and another of whom only a lead is known.
const click = await shop.affitor.click()
const ada = await shop.signUp({ affitorClickId: click, email: 'Ada.Lovelace@example.com' })
const sessionId = await shop.checkOut(ada.accessToken)
await shop.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
await shop.work()
const payments = await shop.rows.query("select reference from sale_references where reference like 'pi\\_%'")
const payment = String(payments[0]?.reference)
await shop.stripe.control('POST', `/payment_intents/${payment}/refund`, { amount: 900 }).catch(() => undefined)
await shop.work()
const bob = await shop.signUp({ email: 'ada.byron@example.com' })

t.test('an e-mail finds its customer in any case, and says who they are', async t => {
  const { customers, truncated } = await find(' ADA.lovelace@Example.com ')
  t.match(customers, [{
    customerKey: ada.userId,
    email: 'Ada.Lovelace@example.com',
    clickId: click,
    matched: 'email',
    firstSeenAt: /Z$/,
    lastSeenAt: /Z$/,
    sales: [{ currency: 'USD', count: 1, amountCents: 4900 }],
    needsAttention: 0
  }])
  t.equal(truncated, false)
})

t.test('whatever an operator has in hand leads to the customer', async t => {
  const [customer] = await shop.rows.query('select reference from customer_references where customer_key = $1', [ada.userId])
  const [event] = await shop.rows.query("select id from stripe_events where type = 'checkout.session.completed'")
  t.same(await found(ada.userId), [[ada.userId, 'customer_key']])
  t.same(await found(ada.userId.slice(0, 13)), [[ada.userId, 'customer_key_prefix']])
  t.same(await found(sessionId), [[ada.userId, 'transaction']])
  t.same(await found(payment), [[ada.userId, 'stripe_object']])
  t.same(await found(String(customer?.reference)), [[ada.userId, 'stripe_object']])
  t.same(await found(String(event?.id)), [[ada.userId, 'stripe_event']])
  t.same(await found(click), [[ada.userId, 'click_id']])
})

t.test('the beginning of an e-mail finds several', async t => {
  t.same((await found('ada.')).sort(), [[ada.userId, 'email_prefix'], [bob.userId, 'email_prefix']].sort())
})

t.test('a charge is found by what Stripe says of it', async t => {
  const intent = await shop.stripe.client.paymentIntents.retrieve(payment)
  t.same(await found(String(intent.latest_charge)), [[ada.userId, 'stripe_object']])
})

t.test('what nobody knows is an empty list, and signs of patterns are no patterns', async t => {
  for (const nothing of ['nobody@example.com', 'ch_unknown', '%', '_', '\\', '%@example.com']) t.same(await found(nothing), [], nothing)
})

t.test('a search for nothing is refused', async t => {
  matchError(t, await shop.operator('GET', '/api/tracking/search?q='), 'INVALID_REQUEST', /q/)
  matchError(t, await shop.operator('GET', '/api/tracking/search'), 'INVALID_REQUEST', /q/)
})

t.test('more than are shown are said to be there', async t => {
  await shop.rows.add(...Array.from({ length: 21 }, (_, i) => ({ customerKey: `many-${i}` })))
  const { customers, truncated } = await find('many-')
  t.equal(customers.length, 20)
  t.equal(truncated, true)
})

t.test('the list shows the facts of who is found', async t => {
  const list = async (query: string) => (await shop.operator<{ events: TrackingEvent[] }>('GET', `/api/tracking/events?${query}`)).body.events
  const kinds = (await list('q=ada.lovelace@example.com')).map(({ kind }) => kind)
  t.ok(kinds.includes('lead') && kinds.includes('sale'))
  t.same((await list(`q=${sessionId}`)).map(({ customerKey }) => customerKey).filter(key => key !== ada.userId), [])
  t.same(await list('q=nobody@example.com'), [])
  t.same((await list('q=ada.lovelace@example.com&kind=sale')).map(({ transactionId, customerEmail }) => [transactionId, customerEmail]),
    [[sessionId, 'Ada.Lovelace@example.com']])
})
