import t from 'tap'
import type { Test } from 'tap'
import { startReceiver, startStripe } from '../helpers/stripe.js'

async function start (t: Test) {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t, { webhookUrl: receiver.url })
  /** The types of the events since the last call, when so many have come. */
  const came = async (count: number): Promise<string[]> => {
    await receiver.received(count)
    return receiver.events.splice(0).map(({ type }) => type)
  }
  const held = async () => {
    const { id } = await stripe.client.checkout.sessions.create({
      mode: 'payment',
      success_url: 'https://shop.example/done',
      line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }],
      payment_intent_data: { capture_method: 'manual', metadata: { affitor_customer_key: 'u1' } }
    })
    const paid = await stripe.control('POST', `/checkout/sessions/${id}/pay`)
    receiver.events.splice(0)
    return { session: id, paid, intent: paid.payment_intent?.id ?? '' }
  }
  return { ...stripe, receiver, came, held }
}

t.test('a payment of the app\'s own form is confirmed and paid', async t => {
  const { client, came } = await start(t)
  const customer = await client.customers.create({ email: 'ann@example.com' })
  const intent = await client.paymentIntents.create({
    amount: 4900, currency: 'USD', customer: customer.id, metadata: { affitor_customer_key: 'u1' }, automatic_payment_methods: { enabled: true }
  })
  t.match(intent, { object: 'payment_intent', status: 'requires_payment_method', amount: 4900, amount_received: 0, currency: 'usd', latest_charge: null, metadata: { affitor_customer_key: 'u1' } })
  await t.rejects(client.paymentIntents.confirm(intent.id), { code: 'payment_intent_unexpected_state', message: /missing a payment method/ })
  const paid = await client.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })
  t.match(paid, { status: 'succeeded', amount_received: 4900 })
  t.same(await came(4), ['customer.created', 'payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded'])
  t.match(await client.charges.retrieve(paid.latest_charge as string), { amount: 4900, captured: true, payment_intent: intent.id, metadata: { affitor_customer_key: 'u1' }, billing_details: { email: 'ann@example.com' } })
  t.match((await client.paymentIntents.list({ customer: customer.id })).data, [{ id: intent.id }])
  await t.rejects(client.paymentIntents.confirm(intent.id), { message: /already succeeded/ })
  await t.rejects(client.paymentIntents.cancel(intent.id), { code: 'payment_intent_unexpected_state', message: /cannot cancel this PaymentIntent because it has a status of succeeded/ })
  t.match(await client.refunds.create({ payment_intent: intent.id }), { amount: 4900, status: 'succeeded' })
})

t.test('a declined payment can be tried again, and one of nobody cancelled', async t => {
  const { client, control, came } = await start(t)
  await t.rejects(client.paymentIntents.create({ amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_visa_chargeDeclined' }), {
    statusCode: 402, type: 'StripeCardError', code: 'card_declined', decline_code: 'generic_decline', payment_intent: { status: 'requires_payment_method' }
  })
  t.same(await came(3), ['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed'])
  const { id } = await client.paymentIntents.create({ amount: 900, currency: 'usd' })
  t.match(await control('POST', `/payment_intents/${id}/pay`, { outcome: 'failed' }), { payment_intent: { status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } }, charge: { status: 'failed' } })
  const pending = await control('POST', `/payment_intents/${id}/pay`, { outcome: 'processing' })
  t.match(pending, { payment_intent: { status: 'processing' }, charge: { status: 'pending', payment_method_details: { type: 'us_bank_account' } } })
  await t.rejects(control('POST', `/payment_intents/${id}/pay`, { outcome: 'processing' }), /409.*NOT_PAYABLE/)
  t.match(await control('POST', `/payment_intents/${id}/pay`), { payment_intent: { status: 'succeeded', amount_received: 900 }, charge: { id: pending.charge?.id, status: 'succeeded' } })
  const other = await client.paymentIntents.create({ amount: 900, currency: 'usd' })
  t.match(await client.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' }), { status: 'canceled', cancellation_reason: 'abandoned', canceled_at: Number })
  await t.rejects(control('POST', `/payment_intents/${other.id}/pay`), /409.*NOT_PAYABLE/)
})

t.test('what Stripe refuses of a payment is refused', async t => {
  const { client, control, held } = await start(t)
  const make = (params: object) => client.paymentIntents.create(params as never)
  await t.rejects(make({ currency: 'usd' }), { code: 'parameter_missing', param: 'amount' })
  await t.rejects(make({ amount: 900 }), { code: 'parameter_missing', param: 'currency' })
  await t.rejects(make({ amount: 49, currency: 'usd' }), { code: 'amount_too_small', message: 'Amount must be at least $0.50 usd' })
  await t.rejects(make({ amount: 900, currency: 'usd', customer: 'cus_x' }), { code: 'resource_missing', param: 'customer' })
  await t.rejects(make({ amount: 900, currency: 'usd', confirm: true }), { code: 'payment_intent_unexpected_state' })
  await t.rejects(make({ amount: 900, currency: 'usd', price: 'x' }), { code: 'parameter_unknown', param: 'price' })
  await t.rejects(client.paymentIntents.capture('pi_x'), { statusCode: 404, code: 'resource_missing' })
  await t.rejects(control('POST', `/payment_intents/${(await held()).intent}/pay`), /409.*NOT_OF_THE_APP/)
})

t.test('a manual capture of the app is taken in part', async t => {
  const { client, control, came, receiver } = await start(t)
  const { id } = await client.paymentIntents.create({ amount: 4900, currency: 'usd', capture_method: 'manual', metadata: { affitor_customer_key: 'u1' } })
  const held = await control('POST', `/payment_intents/${id}/pay`)
  t.match(held, { payment_intent: { status: 'requires_capture', amount_capturable: 4900, amount_received: 0 }, charge: { captured: false, amount_captured: 0, status: 'succeeded', paid: true } })
  t.same(await came(3), ['payment_intent.created', 'charge.succeeded', 'payment_intent.amount_capturable_updated'])
  await t.rejects(client.refunds.create({ payment_intent: id }), { code: 'payment_intent_unexpected_state', message: /requires_capture/ })
  await t.rejects(client.paymentIntents.capture(id, { amount_to_capture: 4901 }), { code: 'amount_too_large' })
  const captured = await client.paymentIntents.capture(id, { amount_to_capture: 3000, metadata: { order: '7' } })
  t.match(captured, { status: 'succeeded', amount: 4900, amount_received: 3000, amount_capturable: 0, metadata: { affitor_customer_key: 'u1', order: '7' } })
  await receiver.received(4)
  t.match(receiver.events[0]?.data.object, { object: 'charge', captured: true, amount: 4900, amount_captured: 3000, amount_refunded: 1900, refunded: false })
  t.same(await came(4), ['charge.captured', 'payment_intent.succeeded', 'refund.created', 'charge.refunded'])
  t.match((await client.refunds.list({ payment_intent: id })).data, [{ amount: 1900, balance_transaction: null, destination_details: { card: { type: 'reversal' } } }])
  await t.rejects(client.paymentIntents.capture(id), { code: 'payment_intent_unexpected_state', message: /could not be captured because it has a status of succeeded/ })
  t.match(await client.refunds.create({ payment_intent: id }), { amount: 3000 }, 'only what was taken can be given back')
  t.match(await client.charges.retrieve(captured.latest_charge as string), { amount_refunded: 4900, refunded: true })
})

t.test('a session with a manual capture is unpaid until the money is taken, and no event tells of it', async t => {
  const { client, control, came, held } = await start(t)
  const { session, paid, intent } = await held()
  t.match(paid.events.map(({ type }) => type), ['payment_intent.created', 'charge.succeeded', 'payment_intent.amount_capturable_updated', 'checkout.session.completed'])
  t.match(paid, { session: { status: 'complete', payment_status: 'unpaid', payment_intent: intent }, payment_intent: { status: 'requires_capture', metadata: { affitor_customer_key: 'u1' } } })
  await t.rejects(control('POST', '/refunds', { charge: paid.charge?.id }), /409.*NOT_PAID/)
  await client.paymentIntents.capture(intent)
  t.same(await came(2), ['charge.captured', 'payment_intent.succeeded'])
  t.match(await client.checkout.sessions.retrieve(session), { status: 'complete', payment_status: 'paid', amount_total: 4900 })
  t.match((await client.refunds.list({ payment_intent: intent })).data, [])
})

t.test('held money that is not taken goes back, and the session stays unpaid', async t => {
  const { client, control, came, held } = await start(t)
  const { session, paid, intent } = await held()
  t.match(await client.paymentIntents.cancel(intent), { status: 'canceled', amount_capturable: 0, amount_received: 0 })
  t.same(await came(3), ['refund.created', 'charge.refunded', 'payment_intent.canceled'])
  t.match(await client.charges.retrieve(paid.charge?.id ?? ''), { captured: false, amount_captured: 0, amount_refunded: 4900, refunded: true })
  t.match(await client.checkout.sessions.retrieve(session), { payment_status: 'unpaid' })
  const { id } = await client.checkout.sessions.create({
    mode: 'payment', success_url: 'https://shop.example/done', line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }], payment_intent_data: { capture_method: 'manual' }
  })
  await t.rejects(control('POST', `/checkout/sessions/${id}/pay`, { method: 'bank_debit' }), /409.*NO_BANK_DEBIT/)
})
