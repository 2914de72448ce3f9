import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { newId } from '../ids.js'
import { apiList, invoice, invoicePayment, subscriptionParent } from '../objects/index.js'
import type { PaymentMethodType } from '../objects/index.js'
import type { Amounts } from './amounts.js'
import { taxes } from './amounts.js'
import { attemptCharge, paymentFailed, paymentPending, paymentSucceeded, startPayment } from './payment.js'

/** What a subscription is billed for. */
export interface Bill {
  reason: Stripe.Invoice.BillingReason
  lines: Stripe.InvoiceLineItem[]
  amounts: Amounts
  periodStart: number
  periodEnd: number
}

/** How an invoice's payment goes: at once, or as a debit that clears later. */
export type PaymentOutcome = 'succeeds' | 'pends' | 'fails'

/** Makes an invoice of a subscription and finalizes it: draft, then open. */
export function createInvoice (
  context: SandboxContext, batch: EventBatch, subscription: Stripe.Subscription, bill: Bill
): Stripe.Invoice {
  const created = timestamp(context)
  const customer = stored(context.state.customers, idOf(subscription.customer))
  const { amounts } = bill
  const discountId = amounts.discount > 0 ? newId('di_1') : null
  const made = invoice({
    billing_reason: bill.reason,
    created,
    currency: subscription.currency,
    customer: customer.id,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    discounts: discountId === null ? [] : [discountId],
    parent: subscriptionParent(subscription.id, { ...subscription.metadata }),
    period_end: bill.periodEnd,
    period_start: bill.periodStart,
    subtotal: amounts.subtotal,
    subtotal_excluding_tax: amounts.subtotal,
    total: amounts.total,
    total_discount_amounts: discountId === null ? [] : [{ amount: amounts.discount, discount: discountId }],
    total_excluding_tax: amounts.total - amounts.tax,
    total_taxes: taxes(amounts)
  })
  customer.currency ??= made.currency
  for (const line of bill.lines) line.invoice = made.id
  made.lines = apiList(`/v1/invoices/${made.id}/lines`, bill.lines)
  context.state.invoices.set(made.id, made)
  subscription.latest_invoice = made.id
  batch.add('invoice.created', made)
  finalize(made, customer, created)
  batch.add('invoice.finalized', made)
  return made
}

function finalize (made: Stripe.Invoice, customer: Stripe.Customer, at: number): void {
  const sequence = customer.next_invoice_sequence ?? 1
  made.number = `${customer.invoice_prefix ?? 'SANDBOX'}-${String(sequence).padStart(4, '0')}`
  customer.next_invoice_sequence = sequence + 1
  made.status = 'open'
  made.auto_advance = true
  made.effective_at = at
  made.status_transitions.finalized_at = at
  made.ending_balance = Math.min(made.total, 0)
  // What is left of a credit stays on the customer's balance (docs.stripe.com/billing/customer/balance).
  customer.balance += Math.min(made.total, 0)
}

/** Collects an invoice. One of nothing is paid without any payment. */
export function collectInvoice (
  context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, method: PaymentMethodType, outcome: PaymentOutcome
): void {
  made.attempted = true
  if (made.amount_due === 0) return markPaid(context, batch, made)
  const customer = made.customer === null ? null : idOf(made.customer)
  const payment = startPayment(context, batch, {
    amount: made.amount_due,
    currency: made.currency,
    customer,
    description: made.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    email: made.customer_email,
    // The PaymentIntent of an invoice does not take over the subscription's metadata.
    metadata: {},
    method
  })
  made.attempt_count++
  const link = invoicePayment({
    amount_requested: made.amount_due,
    created: timestamp(context),
    currency: made.currency,
    invoice: made.id,
    payment: { payment_intent: payment.intent.id, type: 'payment_intent' }
  })
  context.state.invoicePayments.set(link.id, link)
  if (outcome === 'pends') paymentPending(batch, payment)
  else if (outcome === 'fails') {
    paymentFailed(batch, payment)
    batch.add('invoice.payment_failed', made)
  } else {
    paymentSucceeded(batch, payment)
    markPaid(context, batch, made)
  }
}

/** Collects an open invoice again after a failed attempt: another charge of the same PaymentIntent. */
export function collectAgain (
  context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, intent: Stripe.PaymentIntent
): void {
  made.attempt_count++
  paymentSucceeded(batch, { intent, charge: attemptCharge(context, intent, 'card', made.customer_email) })
  markPaid(context, batch, made)
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
