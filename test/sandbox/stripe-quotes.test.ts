import type Stripe from 'stripe'
import t from 'tap'
import type { Test } from 'tap'
import { startStripe } from '../helpers/stripe.js'

async function start (t: Test) {
  const stripe = await startStripe(t)
  const { id: customer } = await stripe.client.customers.create({ email: 'ann@example.com' })
  return {
    ...stripe,
    customer,
    async accepted (params: Stripe.QuoteCreateParams) {
      const { id } = await stripe.client.quotes.create({ customer, ...params })
      await stripe.client.quotes.finalizeQuote(id)
      return stripe.client.quotes.accept(id)
    },
    types: async () => (await stripe.client.events.list({ limit: 100 })).data.map(({ type }) => type).reverse()
  }
}

t.test('a quote of one-time prices makes an invoice, which is paid later', async t => {
  const { client, control, customer, types } = await start(t)
  const draft = await client.quotes.create({ customer, line_items: [{ price: 'price_sandbox_onetime', quantity: 2 }], metadata: { affitor_customer_key: 'u1' } })
  t.match(draft, { object: 'quote', status: 'draft', amount_total: 9800, currency: 'usd', number: null, invoice: null, computed: { recurring: null, upfront: { amount_total: 9800 } } })
  await t.rejects(client.quotes.accept(draft.id), { type: 'StripeInvalidRequestError', message: /cannot be accepted because it has a status of draft/ })
  t.match(await client.quotes.finalizeQuote(draft.id), { status: 'open', number: /^QT-[A-Z0-9]+-0001-1$/, invoice: null })
  const accepted = await client.quotes.accept(draft.id, { expand: ['invoice'] })
  t.match(accepted, { status: 'accepted', subscription: null })
  t.match(accepted.invoice, { billing_reason: 'quote_accept', status: 'draft', total: 9800, parent: { type: 'quote_details', quote_details: { quote: draft.id }, subscription_details: null } })
  t.same((accepted.invoice as Stripe.Invoice).metadata, {}, 'the quote has the metadata')
  const paid = await control('POST', `/invoices/${(accepted.invoice as Stripe.Invoice).id}/pay`)
  t.match(paid, { subscription: null, invoice: { status: 'paid', amount_paid: 9800, billing_reason: 'quote_accept' }, payment_intent: { amount_received: 9800 } })
  t.same(await types(), [
    'customer.created', 'quote.created', 'quote.finalized', 'invoice.created', 'quote.accepted', 'invoice.finalized', 'payment_intent.created',
    'charge.succeeded', 'payment_intent.succeeded', 'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid'
  ])
  const read = await client.quotes.retrieve(draft.id, { expand: ['line_items.data.price', 'invoice'] })
  t.match(read, { metadata: { affitor_customer_key: 'u1' }, line_items: { data: [{ quantity: 2, price: { id: 'price_sandbox_onetime' } }] }, invoice: { status: 'paid' } })
  t.match((await client.quotes.list({ status: 'accepted', customer })).data, [{ id: draft.id }])
})

t.test('a quote with a recurring price makes a subscription', async t => {
  const { client, control, accepted } = await start(t)
  const quote = await accepted({
    line_items: [{ price: 'price_sandbox_monthly' }, { price: 'price_sandbox_onetime' }],
    metadata: { of: 'quote' },
    subscription_data: { metadata: { affitor_customer_key: 'u1' } }
  })
  t.match(quote, { amount_total: 6800, computed: { recurring: { amount_total: 1900, interval: 'month' } } })
  t.match(await client.subscriptions.retrieve(quote.subscription as string), { status: 'active', metadata: { affitor_customer_key: 'u1' }, latest_invoice: quote.invoice })
  const paid = await control('POST', `/invoices/${quote.invoice as string}/pay`)
  t.match(paid.invoice, {
    billing_reason: 'subscription_create',
    status: 'paid',
    amount_paid: 6800,
    parent: { type: 'subscription_details', quote_details: null, subscription_details: { subscription: quote.subscription, metadata: { affitor_customer_key: 'u1' } } }
  })
  t.match(await control('POST', `/subscriptions/${quote.subscription as string}/renew`), { invoice: { billing_reason: 'subscription_cycle', amount_paid: 1900 } })
  const trial = await accepted({ line_items: [{ price: 'price_sandbox_monthly' }], subscription_data: { trial_period_days: 7 } })
  t.match(await client.invoices.retrieve(trial.invoice as string), { status: 'paid', amount_paid: 0 })
})

t.test('what Stripe refuses of a quote is refused', async t => {
  const { client, customer } = await start(t)
  const { id: nobody } = await client.quotes.create({ line_items: [{ price: 'price_sandbox_onetime' }] })
  await t.rejects(client.quotes.finalizeQuote(nobody), { message: 'A customer is required to finalize a quote.' })
  const { id: empty } = await client.quotes.create({ customer })
  await t.rejects(client.quotes.finalizeQuote(empty), { message: /at least one line item/ })
  t.match(await client.quotes.cancel(empty), { status: 'canceled' })
  await t.rejects(client.quotes.cancel(empty), { message: /status of canceled/ })
  await t.rejects(client.quotes.create({ customer: 'cus_x' }), { code: 'resource_missing', param: 'customer' })
  await t.rejects(client.quotes.create({ customer, line_items: [{ price: 'price_sandbox_onetime' }, { price: 'price_sandbox_eur' }] }), { message: /only supports `eur`/ })
  await t.rejects(client.quotes.retrieve('qt_x'), { statusCode: 404, code: 'resource_missing' })
})
