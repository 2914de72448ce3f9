import type Stripe from 'stripe'
import t from 'tap'
import type { Test } from 'tap'
import { startStripe } from '../helpers/stripe.js'

async function start (t: Test) {
  const stripe = await startStripe(t)
  const { id: customer } = await stripe.client.customers.create({ email: 'ann@example.com' })
  const events = async () => (await stripe.client.events.list({ limit: 100 })).data.map(({ type }) => type).reverse()
  const once = (params: Stripe.Checkout.SessionCreateParams = {}) => stripe.client.checkout.sessions.create({
    mode: 'payment',
    success_url: 'https://shop.example/done',
    line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }],
    invoice_creation: { enabled: true, invoice_data: { description: 'Thanks', metadata: { affitor_customer_key: 'u1' } } },
    ...params
  })
  return { ...stripe, customer, events, once }
}

t.test('a paid session makes an invoice when asked to', async t => {
  const { client, control, once } = await start(t)
  const session = await once()
  t.match(session.invoice_creation, { enabled: true, invoice_data: { metadata: { affitor_customer_key: 'u1' } } })
  const paid = await control('POST', `/checkout/sessions/${session.id}/pay`, { tax_percent: 20 })
  t.same(paid.events.map(({ type }) => type), [
    'customer.created', 'payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'invoice.created', 'invoice.finalized',
    'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid', 'checkout.session.completed'
  ])
  t.match(paid.invoice, {
    billing_reason: 'manual',
    status: 'paid',
    total: 5880,
    amount_paid: 5880,
    parent: null,
    description: 'Thanks',
    metadata: { affitor_customer_key: 'u1' },
    customer: paid.customer?.id,
    lines: { data: [{ amount: 4900, pricing: { price_details: { price: 'price_sandbox_onetime' } } }] }
  })
  t.match(paid, { session: { invoice: paid.invoice?.id, payment_intent: paid.payment_intent?.id, payment_status: 'paid' } })
  const links = await client.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: paid.payment_intent?.id ?? '' } })
  t.match(links.data, [{ invoice: paid.invoice?.id, status: 'paid', amount_paid: 5880 }])
})

t.test('the invoice of a bank debit is made when it clears, and leaves the balance alone', async t => {
  const { client, control, customer, once } = await start(t)
  await client.customers.createBalanceTransaction(customer, { amount: -1000, currency: 'usd' })
  const { id } = await once({ customer })
  const paid = await control('POST', `/checkout/sessions/${id}/pay`, { method: 'bank_debit' })
  t.match(paid, { session: { payment_status: 'unpaid', invoice: null }, invoice: null })
  const cleared = await control('POST', `/checkout/sessions/${id}/clear`)
  t.match(cleared.invoice, { amount_due: 4900, amount_paid: 4900, starting_balance: 0, status: 'paid' })
  t.equal(cleared.session.invoice, cleared.invoice?.id)
  t.match(await client.customers.retrieve(customer), { balance: -1000 })
})

t.test('an invoice for a payment is refused where Stripe has none', async t => {
  const { once } = await start(t)
  await t.rejects(once({ mode: 'subscription', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }] }), { message: 'You can not pass `invoice_creation` in `subscription` mode.' })
  await t.rejects(once({ invoice_creation: { invoice_data: { description: 'x' } } as never }), { code: 'parameter_missing', param: 'invoice_creation[enabled]' })
  await t.rejects(once({ invoice_creation: { enabled: true, invoice_data: { total: 1 } as never } }), { code: 'parameter_unknown', param: 'invoice_creation[invoice_data][total]' })
})

t.test('a one-off invoice is drafted, finalized and paid', async t => {
  const { client, customer, events } = await start(t)
  const draft = await client.invoices.create({ customer, metadata: { affitor_customer_key: 'u1' }, auto_advance: false })
  t.match(draft, { status: 'draft', total: 0, billing_reason: 'manual', number: null, metadata: { affitor_customer_key: 'u1' }, parent: null })
  t.match(await client.invoiceItems.create({ customer, invoice: draft.id, amount: 1000, currency: 'usd', description: 'Setup' }), { object: 'invoiceitem', amount: 1000, invoice: draft.id })
  await client.invoiceItems.create({ customer, invoice: draft.id, pricing: { price: 'price_sandbox_onetime' }, quantity: 2 })
  const open = await client.invoices.finalizeInvoice(draft.id, { expand: ['payments'] })
  t.match(open, { status: 'open', total: 10800, amount_due: 10800, amount_paid: 0, lines: { data: [{ amount: 1000 }, { amount: 9800, quantity: 2 }] }, payments: { data: [{ status: 'open' }] } })
  const paid = await client.invoices.pay(draft.id)
  t.match(paid, { status: 'paid', amount_paid: 10800, amount_remaining: 0 })
  t.same(await events(), [
    'customer.created', 'invoice.created', 'invoiceitem.created', 'invoice.updated', 'invoiceitem.created', 'invoice.updated',
    'invoice.finalized', 'payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'invoice.paid', 'invoice.payment_succeeded',
    'invoice_payment.paid'
  ])
  await t.rejects(client.invoices.pay(draft.id), { type: 'StripeInvalidRequestError', message: 'Invoice is already paid' })
  await t.rejects(client.invoices.finalizeInvoice(draft.id), { code: 'invoice_not_editable' })
  await t.rejects(client.invoiceItems.create({ customer, invoice: draft.id, amount: 1, currency: 'usd' }), { code: 'invoice_not_editable' })
})

t.test('a one-off invoice can be paid by balance, outside of Stripe, or after a decline', async t => {
  const { client, control, customer } = await start(t)
  const make = async () => {
    await client.invoiceItems.create({ customer, amount: 2000, currency: 'usd' })
    return (await client.invoices.create({ customer, pending_invoice_items_behavior: 'include', collection_method: 'send_invoice', days_until_due: 30 })).id
  }
  const outside = await client.invoices.pay(await make(), { paid_out_of_band: true, expand: ['payments', 'amount_paid_off_stripe'] })
  t.match(outside, { status: 'paid', amount_paid: 2000, amount_paid_off_stripe: 2000, payments: { data: [{ status: 'canceled' }, { payment: { type: 'payment_record' } }] } })
  await client.customers.createBalanceTransaction(customer, { amount: -2500, currency: 'usd' })
  t.match(await client.invoices.finalizeInvoice(await make()), { status: 'paid', total: 2000, amount_due: 0, amount_paid: 0, starting_balance: -2500, ending_balance: -500 })
  const third = await make()
  await t.rejects(client.invoices.pay(third, { payment_method: 'pm_card_chargeDeclined' }), { statusCode: 402, code: 'card_declined' })
  t.match(await client.invoices.retrieve(third), { status: 'open', amount_due: 1500, amount_paid: 0, attempt_count: 1 })
  const paid = await control('POST', `/invoices/${third}/pay`)
  t.match(paid, { subscription: null, invoice: { status: 'paid', amount_paid: 1500, total: 2000 }, payment_intent: { amount_received: 1500 } })
})

t.test('what Stripe refuses of an invoice is refused', async t => {
  const { client, customer } = await start(t)
  await t.rejects(client.invoices.create({}), { code: 'parameter_missing', param: 'customer' })
  await t.rejects(client.invoices.create({ customer, collection_method: 'send_invoice' }), { message: /you must specify `due_date` or `days_until_due`/ })
  await t.rejects(client.invoices.create({ customer, days_until_due: 3 }), { message: /only be used when `collection_method` is `send_invoice`/, param: 'days_until_due' })
  await t.rejects(client.invoiceItems.create({ customer, currency: 'usd' }), { code: 'parameter_missing', param: 'amount' })
  await t.rejects(client.invoiceItems.create({ customer, pricing: { price: 'price_sandbox_monthly' } }), { message: /only accepts prices with `type=one_time`/ })
  const { id } = await client.invoices.create({ customer, currency: 'usd' })
  await t.rejects(client.invoiceItems.create({ customer, invoice: id, amount: 1, currency: 'eur' }), { message: /must match/, param: 'currency' })
})
