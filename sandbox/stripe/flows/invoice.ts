import type Stripe from 'stripe'
import { idOf, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { invoicePayment, subscriptionParent } from '../objects/index.js'
import type { PaymentMethodType } from '../objects/index.js'
import { draftInvoice, finalizeInvoice } from './invoice-draft.js'
import type { Bill } from './invoice-draft.js'
import { attemptCharge, createIntent, paymentFailed, paymentPending, paymentSucceeded } from './payment.js'

/** How an invoice's payment goes: at once, or as a debit that clears later. */
export type PaymentOutcome = 'succeeds' | 'pends' | 'fails'

/** Makes an invoice of a subscription and finalizes it: draft, then open. */
export function createInvoice (
  context: SandboxContext, batch: EventBatch, subscription: Stripe.Subscription, bill: Bill
): Stripe.Invoice {
  const made = draftInvoice(context, batch, {
    currency: subscription.currency,
    customer: idOf(subscription.customer),
    parent: subscriptionParent(subscription.id, { ...subscription.metadata })
  }, bill)
  subscription.latest_invoice = made.id
  made.auto_advance = true
  finalizeInvoice(context, batch, made)
  return made
}

/** Collects an invoice. One of nothing is paid without any payment. */
export function collectInvoice (
  context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, method: PaymentMethodType, outcome: PaymentOutcome
): void {
  if (made.amount_due === 0) {
    made.attempted = true
    return markPaid(context, batch, made)
  }
  const description = made.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update'
  attemptInvoice(context, batch, made, openPayment(context, batch, made, [method], description), method, outcome)
}

/** The PaymentIntent of an invoice, which nobody has tried to pay yet, and the link between them. */
export function openPayment (
  context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, methods: string[], description: string
): Stripe.PaymentIntent {
  const intent = createIntent(context, batch, {
    amount: made.amount_remaining,
    currency: made.currency,
    customer: made.customer === null ? null : idOf(made.customer),
    description,
    // The PaymentIntent of an invoice does not take over the subscription's metadata.
    metadata: {},
    methods
  })
  linkPayment(context, made, intent)
  return intent
}

/** The link between an invoice and the PaymentIntent that is to pay what is left of it. */
export function linkPayment (context: SandboxContext, made: Stripe.Invoice, intent: Stripe.PaymentIntent): void {
  const link = invoicePayment({
    amount_requested: made.amount_remaining,
    created: timestamp(context),
    currency: made.currency,
    invoice: made.id,
    payment: { payment_intent: intent.id, type: 'payment_intent' }
  })
  context.state.invoicePayments.set(link.id, link)
}

/** One attempt to collect an open invoice by its PaymentIntent. */
export function attemptInvoice (
  context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, intent: Stripe.PaymentIntent, method: PaymentMethodType,
  outcome: PaymentOutcome
): void {
  made.attempted = true
  made.attempt_count++
  const payment = { intent, charge: attemptCharge(context, intent, method, made.customer_email) }
  if (outcome === 'pends') paymentPending(batch, payment)
  else if (outcome === 'fails') {
    paymentFailed(batch, payment)
    batch.add('invoice.payment_failed', made)
  } else {
    paymentSucceeded(batch, payment)
    markPaid(context, batch, made)
  }
}

/** Marks an invoice as paid in full, and the payment behind it. */
export function markPaid (context: SandboxContext, batch: EventBatch, made: Stripe.Invoice): void {
  const at = timestamp(context)
  made.status = 'paid'
  made.auto_advance = false
  made.amount_paid = made.amount_due
  made.amount_remaining = 0
  made.next_payment_attempt = null
  made.status_transitions.paid_at = at
  batch.add('invoice.paid', made)
  batch.add('invoice.payment_succeeded', made)
  for (const link of paymentsOf(context, made.id)) {
    if (link.status !== 'open') continue
    link.status = 'paid'
    link.amount_paid = link.amount_requested
    link.status_transitions.paid_at = at
    batch.add('invoice_payment.paid', link)
  }
}

/** The payments of an invoice, oldest first. */
export function paymentsOf (context: SandboxContext, invoiceId: string): Stripe.InvoicePayment[] {
  return [...context.state.invoicePayments.values()].filter((link) => idOf(link.invoice) === invoiceId)
}

/** The PaymentIntent's id behind an invoice payment. */
export function intentOf (link: Stripe.InvoicePayment): string | null {
  const { payment_intent: intent } = link.payment
  return intent === undefined ? null : idOf(intent)
}
