import type Stripe from 'stripe'
import { idOf, stored } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EmittedEvent, EventBatch } from '../events.js'
import { newId } from '../ids.js'
import { bankDebitType, customerDetails } from '../objects/index.js'
import type { PaymentMethodType } from '../objects/index.js'
import type { CheckoutDraft } from '../state.js'
import { amountsOf, sum } from './amounts.js'
import type { Terms } from './amounts.js'
import { createCustomer } from './customer.js'
import { collectInvoice, createInvoice } from './invoice.js'
import { invoicePaidSession } from './session-invoice.js'
import { paymentPending, paymentSucceeded, startPayment } from './payment.js'
import { createSubscription, periodBill } from './subscription.js'

/** How a buyer pays. */
export type CheckoutMethod = 'card' | 'bank_debit'

/** What a buyer does on the payment page. */
export interface CheckoutPayment extends Terms {
  method: CheckoutMethod
  /** The address typed in when the session knows none. */
  email?: string | undefined
}

/** The payment method behind a buyer's choice, or null where Checkout offers no bank debit: in some currencies, and for a manual capture. */
export function methodType (session: Stripe.Checkout.Session, method: CheckoutMethod): PaymentMethodType | null {
  if (method === 'card') return 'card'
  const debit = bankDebitType(session.currency ?? '')
  return debit !== null && session.payment_method_types.includes(debit) ? debit : null
}

/** Completes an open session. */
export function paySession (
  context: SandboxContext, session: Stripe.Checkout.Session, payment: CheckoutPayment, method: PaymentMethodType
): Promise<EmittedEvent[]> {
  const batch = context.events.batch()
  const draft = stored(context.state.drafts, session.id)
  identify(context, batch, session, payment)
  if (session.mode === 'setup') {
    session.setup_intent = newId('seti_1')
    session.payment_status = 'no_payment_required'
  } else {
    applyTerms(session, draft, payment)
    let paid = false
    // A customer's balance may pay the whole invoice; the session's total does not show it.
    if (session.mode === 'subscription') paid = subscribe(context, batch, session, draft, payment, method).status === 'paid'
    else if (session.amount_total !== 0) paid = payOnce(context, batch, session, draft, method).status === 'succeeded'
    session.payment_status = session.amount_total === 0 ? 'no_payment_required' : paid ? 'paid' : 'unpaid'
  }
  session.status = 'complete'
  session.url = null
  batch.add('checkout.session.completed', session)
  return batch.send()
}

function identify (
  context: SandboxContext, batch: EventBatch, session: Stripe.Checkout.Session, payment: CheckoutPayment
): void {
  const known = session.customer === null ? null : stored(context.state.customers, idOf(session.customer))
  const email = known?.email ?? session.customer_email ?? payment.email ?? 'buyer@example.com'
  session.customer_details = customerDetails({ email, name: known?.name ?? null })
  if (known !== null) {
    known.email ??= email
    return
  }
  // Guests stay guests in payment mode, except in orders of nothing (docs.stripe.com/payments/checkout/no-cost-orders).
  // An invoice needs its customer (docs.stripe.com/api/checkout/sessions/create#create_checkout_session-customer_creation).
  const guest = session.mode === 'payment' && session.customer_creation !== 'always' && payment.discountPercent !== 100 &&
    session.amount_total !== 0 && session.invoice_creation?.enabled !== true
  if (!guest) session.customer = createCustomer(context, batch, { email }).id
}

/** Computes a session's sums from its line items; what is in its trial costs nothing yet. */
export function applyTerms (session: Stripe.Checkout.Session, draft: CheckoutDraft, terms: Terms): void {
  const trial = draft.subscriptionData.trialDays !== null
  const bills = draft.lineItems.map((item) => {
    const free = trial && item.price?.type === 'recurring'
    const amounts = amountsOf(free ? 0 : (item.price?.unit_amount ?? 0) * (item.quantity ?? 1), terms)
    item.amount_subtotal = amounts.subtotal
    item.amount_discount = amounts.discount
    item.amount_tax = amounts.tax
    item.amount_total = amounts.total
    return amounts
  })
  const total = sum(bills)
  session.amount_subtotal = total.subtotal
  session.amount_total = total.total
  session.total_details = { amount_discount: total.discount, amount_shipping: 0, amount_tax: total.tax }
  if (total.discount > 0) session.discounts = [{ coupon: `sandbox-${terms.discountPercent ?? 0}-off`, promotion_code: null }]
}

function payOnce (
  context: SandboxContext, batch: EventBatch, session: Stripe.Checkout.Session, draft: CheckoutDraft, method: PaymentMethodType
): Stripe.PaymentIntent {
  const payment = startPayment(context, batch, {
    amount: session.amount_total ?? 0,
    captureMethod: draft.paymentIntentData.captureMethod,
    currency: session.currency ?? 'usd',
    customer: session.customer === null ? null : idOf(session.customer),
    description: draft.paymentIntentData.description,
    email: session.customer_details?.email ?? null,
    metadata: draft.paymentIntentData.metadata,
    method,
    receiptEmail: draft.paymentIntentData.receiptEmail
  })
  session.payment_intent = payment.intent.id
  if (method === 'card') {
    paymentSucceeded(batch, payment)
    invoicePaidSession(context, batch, session, draft.lineItems)
  } else {
    paymentPending(batch, payment)
  }
  return payment.intent
}

function subscribe (
  context: SandboxContext, batch: EventBatch, session: Stripe.Checkout.Session, draft: CheckoutDraft, terms: Terms,
  method: PaymentMethodType
): Stripe.Invoice {
  const items = draft.lineItems.flatMap(({ price, quantity }) => price === null ? [] : [{ price, quantity: quantity ?? 1 }])
  const { metadata, description, trialDays } = draft.subscriptionData
  const made = createSubscription(context, batch, {
    customer: session.customer === null ? '' : idOf(session.customer),
    items: items.filter(({ price }) => price.type === 'recurring'),
    metadata,
    description,
    trialDays
  })
  const oneTime = items.filter(({ price }) => price.type === 'one_time')
  const bill = createInvoice(context, batch, made, periodBill(context, made, 'subscription_create', terms, oneTime))
  collectInvoice(context, batch, bill, method, method === 'card' ? 'succeeds' : 'pends')
  session.subscription = made.id
  session.invoice = bill.id
  // docs.stripe.com/changelog/basil/2025-03-31/new-customer-transaction-types
  for (const moved of context.state.balanceTransactions.values()) {
    if (moved.invoice === bill.id) Object.assign(moved, { checkout_session: session.id, type: 'checkout_session_subscription_payment' })
  }
  return bill
}
