import type Stripe from 'stripe'
import t from 'tap'
import { startStripe } from '../helpers/stripe.js'

t.test('a session is read with its line items, invoice and payment', async t => {
  const { client, control } = await startStripe(t)
  const pay = async (mode: 'payment' | 'subscription', price: string) => {
    const { id } = await client.checkout.sessions.create({ mode, success_url: 'https://shop.example/done', line_items: [{ price, quantity: 2 }] })
    return control('POST', `/checkout/sessions/${id}/pay`)
  }
  const once = await pay('payment', 'price_sandbox_onetime')
  const monthly = await pay('subscription', 'price_sandbox_monthly')

  const read = await client.checkout.sessions.retrieve(once.session.id, { expand: ['line_items.data.price', 'payment_intent.latest_charge', 'invoice'] })
  t.match(read.line_items?.data, [{ object: 'item', quantity: 2, amount_total: 9800, price: { object: 'price', id: 'price_sandbox_onetime', unit_amount: 4900 } }])
  t.match(read, { invoice: null, payment_intent: { object: 'payment_intent', amount_received: 9800, latest_charge: { object: 'charge', id: once.charge?.id } } })
  const product = await client.checkout.sessions.retrieve(once.session.id, { expand: ['line_items.data.price.product'] })
  t.match(product.line_items?.data[0]?.price?.product, { object: 'product', name: 'Lifetime licence' })

  const subscribed = await client.checkout.sessions.retrieve(monthly.session.id, { expand: ['line_items', 'invoice.payments.data.payment.payment_intent', 'subscription', 'customer', 'payment_intent'] })
  t.match(subscribed, { payment_intent: null, subscription: { object: 'subscription' }, customer: { object: 'customer' } })
  const { payments, ...invoice } = subscribed.invoice as Stripe.Invoice
  t.match(invoice, { object: 'invoice', amount_paid: 3800 })
  t.match(payments?.data, [{ payment: { payment_intent: { object: 'payment_intent', id: monthly.payment_intent?.id } } }])
  await t.rejects(client.checkout.sessions.retrieve(once.session.id, { expand: ['metadata.x'] }), { message: 'This property cannot be expanded (metadata.x).' })

  const ids = async (params: Stripe.Checkout.SessionListParams) => (await client.checkout.sessions.list(params)).data.map(({ id }) => id)
  t.same(await ids({ payment_intent: once.payment_intent?.id ?? '' }), [once.session.id])
  t.same(await ids({ subscription: monthly.subscription?.id ?? '' }), [monthly.session.id])
  const listed = await client.checkout.sessions.list({ subscription: monthly.subscription?.id ?? '', expand: ['data.line_items', 'data.invoice'] })
  t.match(listed.data, [{ line_items: { data: [{ quantity: 2 }] }, invoice: { object: 'invoice' } }])
  t.match(await client.paymentIntents.retrieve(once.payment_intent?.id ?? '', { expand: ['latest_charge'] }), { status: 'succeeded', latest_charge: { paid: true } })
})
