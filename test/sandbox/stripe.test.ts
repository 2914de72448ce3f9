import type Stripe from 'stripe'
import t from 'tap'
import type { EventObject, EventOf, EventType } from '../../sandbox/stripe/objects/index.js'
import { startReceiver, startStripe } from '../helpers/stripe.js'
import type { ControlAnswer, Receiver, RunningStripe } from '../helpers/stripe.js'

const SUCCESS_URL = 'https://shop.example/done?session={CHECKOUT_SESSION_ID}'

interface Fixture {
  stripe: RunningStripe
  receiver: Receiver
  open (mode: 'payment' | 'subscription', params?: Stripe.Checkout.SessionCreateParams): Promise<Stripe.Checkout.Session>
  pay (session: { id: string }, body?: object): Promise<ControlAnswer>
}

async function start (t: Parameters<typeof startStripe>[0]): Promise<Fixture> {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t, { webhookUrl: receiver.url })
  return {
    stripe,
    receiver,
    open: (mode, params = {}) => stripe.client.checkout.sessions.create({
      mode,
      line_items: [{ price: mode === 'payment' ? 'price_sandbox_onetime' : 'price_sandbox_monthly', quantity: 1 }],
      success_url: SUCCESS_URL,
      ...params
    }),
    pay: (session, body) => stripe.control('POST', `/checkout/sessions/${session.id}/pay`, body)
  }
}

const types = (events: Array<{ type: string }>): string[] => events.map(({ type }) => type)

function find<T extends EventType> (events: Stripe.Event[], type: T): EventObject<T> {
  const found = events.findLast((event): event is EventOf<T> => event.type === type)
  if (found === undefined) throw new Error(`no ${type} among ${types(events).join(', ')}`)
  return found.data.object as EventObject<T>
}

t.test('a one-time payment by card sends its events signed, in order', async (t) => {
  const { receiver, open, pay } = await start(t)
  const session = await open('payment', {
    client_reference_id: 'user_1',
    customer_email: 'ann@example.com',
    metadata: { affitor_customer_key: 'user_1' },
    payment_intent_data: { metadata: { program_id: 'p1' } }
  })
  t.match(session, { object: 'checkout.session', status: 'open', payment_status: 'unpaid', amount_total: 4900, payment_intent: null })
  t.match(session.url, /^http:\/\/127\.0\.0\.1:\d+\/pay\/cs_test_/)
  const paid = await pay(session)

  const expected = ['payment_intent.created', 'charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed']
  t.strictSame(types(receiver.events), expected)
  t.strictSame(types(paid.events), expected)
  t.ok(paid.events.every(({ delivery, attempts, status }) => delivery === 'delivered' && attempts === 1 && status === 200))
  t.match(receiver.headers(), {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)'
  })
  t.match(receiver.events[3], {
    object: 'event', api_version: '2026-10-28.endive', livemode: false, pending_webhooks: 1, request: { id: null, idempotency_key: null }
  })
  const completed = find(receiver.events, 'checkout.session.completed')
  t.match(completed, {
    id: session.id,
    status: 'complete',
    payment_status: 'paid',
    client_reference_id: 'user_1',
    customer: null,
    customer_details: { email: 'ann@example.com' },
    metadata: { affitor_customer_key: 'user_1' },
    url: null
  }, 'a guest stays one, as with Stripe')
  const charge = find(receiver.events, 'charge.succeeded')
  t.match(charge, { amount: 4900, payment_intent: completed.payment_intent, metadata: { program_id: 'p1' }, paid: true })
  t.notOk('invoice' in charge, 'since 2025-03-31.basil a charge does not name its invoice')
  t.match(find(receiver.events, 'payment_intent.created'), { status: 'requires_payment_method', latest_charge: null },
    'an event shows its object as it was then')
})

t.test('a customer is made where Stripe makes one, and used again', async (t) => {
  const { receiver, open, pay } = await start(t)
  const first = await pay(await open('payment', { customer_creation: 'always', customer_email: 'ann@example.com' }))
  t.equal(receiver.events[0]?.type, 'customer.created')
  t.match(first.customer, { email: 'ann@example.com' })
  const again = await pay(await open('payment', { customer: first.customer?.id ?? '' }))
  t.equal(again.session.customer, first.customer?.id)
  t.notOk(types(again.events).includes('customer.created'))
})

t.test('a subscription carries its metadata to the first invoice and to renewals', async (t) => {
  const { stripe, receiver, open, pay } = await start(t)
  const session = await open('subscription', { subscription_data: { metadata: { affitor_customer_key: 'user_2' } } })
  const paid = await pay(session)
  t.strictSame(types(receiver.events), [
    'customer.created', 'customer.subscription.created', 'invoice.created', 'invoice.finalized', 'payment_intent.created',
    'charge.succeeded', 'payment_intent.succeeded', 'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid',
    'checkout.session.completed'
  ])
  t.match(paid.session, { payment_status: 'paid', payment_intent: null, invoice: paid.invoice?.id, subscription: paid.subscription?.id })
  t.match(find(receiver.events, 'invoice.created'), { status: 'draft', amount_paid: 0 })
  const invoice = find(receiver.events, 'invoice.paid')
  t.match(invoice, {
    billing_reason: 'subscription_create',
    status: 'paid',
    amount_paid: 1900,
    parent: {
      type: 'subscription_details',
      subscription_details: { metadata: { affitor_customer_key: 'user_2' }, subscription: paid.subscription?.id }
    }
  })
  t.notOk('subscription' in invoice || 'payment_intent' in invoice || 'charge' in invoice, 'these left the invoice with basil')
  t.match(find(receiver.events, 'invoice_payment.paid'), {
    invoice: invoice.id, status: 'paid', payment: { type: 'payment_intent', payment_intent: paid.payment_intent?.id }
  })

  const before = paid.subscription?.items.data[0]
  const renewed = await stripe.control('POST', `/subscriptions/${paid.subscription?.id}/renew`)
  t.match(renewed.invoice, { billing_reason: 'subscription_cycle', amount_paid: 1900, period_start: before?.current_period_start })
  const after = await stripe.client.subscriptions.retrieve(paid.subscription?.id ?? '')
  t.equal(after.items.data[0]?.current_period_start, before?.current_period_end)
  t.equal(after.latest_invoice, renewed.invoice?.id)
  const links = await stripe.client.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: paid.payment_intent?.id ?? '' }
  })
  t.strictSame(links.data.map((link) => link.invoice), [invoice.id])
})

t.test('a trial begins with an invoice of nothing and ends with a renewal', async (t) => {
  const { stripe, receiver, open, pay } = await start(t)
  const session = await open('subscription', { subscription_data: { trial_period_days: 14 } })
  t.equal(session.amount_total, 0)
  const paid = await pay(session)
  t.match(paid.session, { payment_status: 'no_payment_required', amount_total: 0 })
  t.match(paid.subscription, { status: 'trialing' })
  t.match(find(receiver.events, 'invoice.paid'), { amount_paid: 0, total: 0, billing_reason: 'subscription_create' })
  t.notOk(types(receiver.events).some((type) => type.startsWith('payment_intent') || type === 'invoice_payment.paid'))
  const renewed = await stripe.control('POST', `/subscriptions/${paid.subscription?.id}/renew`)
  t.match(renewed, { subscription: { status: 'active' }, invoice: { amount_paid: 1900, billing_reason: 'subscription_cycle' } })
})

t.test('a bank debit completes the session unpaid, and clears later', async (t) => {
  const { stripe, receiver, open, pay } = await start(t)
  const paid = await pay(await open('payment'), { method: 'bank_debit' })
  t.match(paid, { session: { status: 'complete', payment_status: 'unpaid' }, charge: { status: 'pending', paid: false } })
  t.strictSame(types(receiver.events), ['payment_intent.created', 'payment_intent.processing', 'charge.pending', 'checkout.session.completed'])
  const cleared = await stripe.control('POST', `/checkout/sessions/${paid.session.id}/clear`)
  t.strictSame(types(cleared.events), ['charge.succeeded', 'payment_intent.succeeded', 'checkout.session.async_payment_succeeded'])
  t.equal(find(receiver.events, 'checkout.session.async_payment_succeeded').payment_status, 'paid')
  await t.rejects(stripe.control('POST', `/checkout/sessions/${paid.session.id}/clear`), /409.*NOT_PENDING/)
})

t.test('a bank debit of a subscription clears its invoice, or leaves it past due', async (t) => {
  const { stripe, open, pay } = await start(t)
  const good = await pay(await open('subscription'), { method: 'bank_debit' })
  t.match(good, { session: { payment_status: 'unpaid' }, invoice: { status: 'open', amount_paid: 0 } })
  const cleared = await stripe.control('POST', `/checkout/sessions/${good.session.id}/clear`)
  t.match(cleared.invoice, { status: 'paid', amount_paid: 1900 })
  t.ok(types(cleared.events).includes('invoice_payment.paid'))

  const bad = await pay(await open('subscription'), { method: 'bank_debit' })
  const failed = await stripe.control('POST', `/checkout/sessions/${bad.session.id}/fail-payment`)
  t.strictSame(types(failed.events), [
    'charge.failed', 'payment_intent.payment_failed', 'invoice.payment_failed', 'customer.subscription.updated',
    'checkout.session.async_payment_failed'
  ])
  t.match(failed, { session: { payment_status: 'unpaid' }, subscription: { status: 'past_due' } })
})

t.test('a discount of 100 % costs nothing, in both modes', async (t) => {
  const { receiver, open, pay } = await start(t)
  const once = await pay(await open('payment'), { discount_percent: 100 })
  t.match(once, { session: { payment_status: 'no_payment_required', amount_total: 0, payment_intent: null }, payment_intent: null })
  t.ok(once.customer, 'orders of nothing have no guests')
  const subscribed = await pay(await open('subscription'), { discount_percent: 100 })
  t.match(subscribed.session, { payment_status: 'no_payment_required', total_details: { amount_discount: 1900 } })
  t.match(find(receiver.events, 'invoice.paid'), { subtotal: 1900, total: 0, amount_paid: 0, total_discount_amounts: [{ amount: 1900 }] })
})

t.test('tax is part of the total and shown apart', async (t) => {
  const { open, pay } = await start(t)
  const { session } = await pay(await open('payment'), { tax_percent: 20 })
  t.match(session, { amount_subtotal: 4900, amount_total: 5880, total_details: { amount_tax: 980 } })
})

t.test('an upgrade bills the difference at once, a cancellation ends the subscription', async (t) => {
  const { stripe, open, pay } = await start(t)
  const { subscription } = await pay(await open('subscription'))
  const upgraded = await stripe.control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_yearly' })
  t.equal(types(upgraded.events)[0], 'customer.subscription.updated')
  t.match(upgraded.invoice, { billing_reason: 'subscription_update', total: 19000 - 1900, amount_paid: 19000 - 1900 })
  t.match(upgraded.invoice?.lines.data.map((line) => line.parent?.subscription_item_details?.proration), [true, true])
  const back = await stripe.control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_monthly' })
  t.match(back.invoice, { amount_due: 0, amount_paid: 0, status: 'paid' }, 'a credit is not a payment')
  t.ok((back.invoice?.total ?? 0) < 0)
  const canceled = await stripe.control('POST', `/subscriptions/${subscription?.id}/cancel`)
  t.strictSame(types(canceled.events), ['customer.subscription.deleted'])
  await t.rejects(stripe.control('POST', `/subscriptions/${subscription?.id}/renew`), /409.*CANCELED/)
})

t.test('a renewal can fail; a planned cancellation takes effect at the end of the period', async (t) => {
  const { stripe, open, pay } = await start(t)
  const { subscription } = await pay(await open('subscription'))
  const failed = await stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, { outcome: 'failed' })
  t.match(failed, { subscription: { status: 'past_due' }, invoice: { status: 'open', amount_paid: 0 } })
  t.ok(types(failed.events).includes('invoice.payment_failed'))
  const paid = await stripe.control('POST', `/invoices/${failed.invoice?.id}/pay`)
  t.match(paid, { subscription: { status: 'active' }, invoice: { status: 'paid', amount_paid: 1900, attempt_count: 2 } })
  t.strictSame(types(paid.events), [
    'charge.succeeded', 'payment_intent.succeeded', 'invoice.paid', 'invoice.payment_succeeded', 'invoice_payment.paid',
    'customer.subscription.updated'
  ])
  await t.rejects(stripe.control('POST', `/invoices/${failed.invoice?.id}/pay`), /409.*NOT_COLLECTABLE/)
  const planned = await stripe.control('POST', `/subscriptions/${subscription?.id}/cancel`, { at_period_end: true })
  t.strictSame(types(planned.events), ['customer.subscription.updated'])
  const ended = await stripe.control('POST', `/subscriptions/${subscription?.id}/renew`)
  t.strictSame(types(ended.events), ['customer.subscription.deleted'])
})

t.test('a subscription made without Checkout has an invoice and no session', async (t) => {
  const { stripe } = await start(t)
  const made = await stripe.control('POST', '/subscriptions', { price: 'price_sandbox_monthly', metadata: { affitor_customer_key: 'u' } })
  t.match(made.invoice, { billing_reason: 'subscription_create', amount_paid: 1900 })
  const sessions = await stripe.client.checkout.sessions.list({ subscription: made.subscription?.id ?? '' })
  t.strictSame(sessions.data, [])
})

t.test('refunds: in part, the rest, and no more', async (t) => {
  const { stripe, receiver, open, pay } = await start(t)
  const paid = await pay(await open('payment'))
  const intent = paid.payment_intent?.id ?? ''
  const first = await stripe.client.refunds.create({ payment_intent: intent, amount: 1000, reason: 'requested_by_customer', metadata: { note: 'x' } })
  t.match(first, { object: 'refund', status: 'succeeded', amount: 1000, charge: paid.charge?.id, payment_intent: intent, metadata: { note: 'x' } })
  await receiver.received(8)
  t.strictSame(types(receiver.events.slice(4)), ['refund.created', 'charge.refunded', 'refund.updated', 'charge.refund.updated'])
  t.match(receiver.events[4]?.request, { id: first.lastResponse.requestId })
  t.match(find(receiver.events, 'charge.refunded'), { amount_refunded: 1000, refunded: false })
  await t.rejects(stripe.client.refunds.create({ payment_intent: intent, amount: 4000 }), {
    type: 'StripeInvalidRequestError', param: 'amount', message: 'Refund amount ($40.00) is greater than unrefunded amount on charge ($39.00)'
  })
  const rest = await stripe.control('POST', '/refunds', { checkout_session: paid.session.id })
  t.match(rest, { refund: { amount: 3900 }, charge: { amount_refunded: 4900, refunded: true } })
  await t.rejects(stripe.client.refunds.create({ charge: paid.charge?.id ?? '' }), {
    code: 'charge_already_refunded', message: `Charge ${paid.charge?.id} has already been refunded.`
  })
  t.match(await stripe.client.charges.retrieve(paid.charge?.id ?? ''), { refunded: true })
})

t.test('a renewal is refunded by its invoice; a pending refund settles later', async (t) => {
  const { stripe, open, pay } = await start(t)
  const { subscription } = await pay(await open('subscription'))
  const { invoice } = await stripe.control('POST', `/subscriptions/${subscription?.id}/renew`)
  const pending = await stripe.control('POST', '/refunds', { invoice: invoice?.id, status: 'pending' })
  t.strictSame(types(pending.events), ['refund.created', 'charge.refunded'])
  t.match(pending.refund, { status: 'pending', amount: 1900 })
  const failed = await stripe.control('POST', `/refunds/${pending.refund.id}/settle`, { status: 'failed' })
  t.strictSame(types(failed.events), ['refund.failed', 'refund.updated', 'charge.refund.updated'])
  t.match(failed, { refund: { status: 'failed' }, charge: { amount_refunded: 0, refunded: false } })
  const again = await stripe.control('POST', '/refunds', { invoice: invoice?.id, status: 'pending' })
  const settled = await stripe.control('POST', `/refunds/${again.refund.id}/settle`, { status: 'succeeded' })
  t.match(settled, { refund: { status: 'succeeded' }, charge: { amount_refunded: 1900, refunded: true } })
})

t.test('disputes: lost, won, and an inquiry that closes', async (t) => {
  const { stripe, open, pay } = await start(t)
  const lost = await pay(await open('payment'))
  const opened = await stripe.control('POST', '/disputes', { checkout_session: lost.session.id })
  t.strictSame(types(opened.events), ['charge.dispute.created', 'charge.dispute.funds_withdrawn'])
  t.match(opened.dispute, { status: 'needs_response', charge: lost.charge?.id, amount: 4900 })
  await t.rejects(stripe.client.refunds.create({ charge: lost.charge?.id ?? '' }), { code: 'charge_disputed' })
  const closed = await stripe.control('POST', `/disputes/${opened.dispute.id}/close`, { status: 'lost' })
  t.strictSame(types(closed.events), ['charge.dispute.closed'])
  t.equal(closed.dispute.status, 'lost')

  const won = await pay(await open('payment'))
  const { dispute } = await stripe.control('POST', '/disputes', { payment_intent: won.payment_intent?.id })
  const reinstated = await stripe.control('POST', `/disputes/${dispute.id}/close`, { status: 'won' })
  t.strictSame(types(reinstated.events), ['charge.dispute.closed', 'charge.dispute.funds_reinstated'])

  const asked = await pay(await open('payment'))
  const inquiry = await stripe.control('POST', '/disputes', { checkout_session: asked.session.id, inquiry: true })
  t.match(inquiry.dispute, { status: 'warning_needs_response' })
  t.match((await stripe.control('POST', `/disputes/${inquiry.dispute.id}/close`, { status: 'lost' })).dispute, { status: 'warning_closed' })
})

t.test('a session that ran out cannot be paid', async (t) => {
  const { stripe, open, pay } = await start(t)
  const session = await open('payment')
  const expired = await stripe.control('POST', `/checkout/sessions/${session.id}/expire`)
  t.strictSame(types(expired.events), ['checkout.session.expired'])
  await t.rejects(pay(session), /409.*SESSION_NOT_OPEN/)
  await t.rejects(stripe.client.checkout.sessions.expire(session.id), { message: /Only Checkout Sessions with a status/ })
})
