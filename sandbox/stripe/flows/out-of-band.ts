import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { newId } from '../ids.js'
import { invoicePayment } from '../objects/index.js'
import { attemptInvoice, intentOf, markPaid, paymentsOf } from './invoice.js'

/**
 * Pays `amount` of an open invoice outside of Stripe, by bank transfer for example; what is left is charged to the card.
 * Its InvoicePayment names a payment record instead of a PaymentIntent, and `amount_paid` includes it
 * (docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices).
 */
export function payOutOfBand (
  context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, intent: Stripe.PaymentIntent, amount: number
): void {
  const at = timestamp(context)
  const open = paymentsOf(context, made.id).find((link) => intentOf(link) === intent.id)
  const record = invoicePayment({
    amount_requested: amount,
    created: at,
    currency: made.currency,
    invoice: made.id,
    is_default: false,
    payment: { payment_record: newId('pr_1'), type: 'payment_record' }
  })
  context.state.invoicePayments.set(record.id, record)
  const left = made.amount_due - amount
  if (open !== undefined) open.amount_requested = left
  if (left > 0) {
    intent.amount = left
    attemptInvoice(context, batch, made, intent, 'card', 'succeeds')
    return
  }
  intent.status = 'canceled'
  intent.canceled_at = at
  intent.cancellation_reason = 'void_invoice'
  if (open !== undefined) {
    open.status = 'canceled'
    open.status_transitions.canceled_at = at
  }
  batch.add('payment_intent.canceled', intent)
  markPaid(context, batch, made)
}

/** What of an invoice was paid outside of Stripe, in the currency's smallest unit. */
export function paidOffStripe (context: SandboxContext, invoiceId: string): number {
  return paymentsOf(context, invoiceId)
    .filter(({ payment, status }) => payment.type === 'payment_record' && status === 'paid')
    .reduce((sum, link) => sum + (link.amount_paid ?? 0), 0)
}
