import type Stripe from 'stripe'
import { idOf, stored } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { draftInvoice, finalizeInvoice } from './invoice-draft.js'
import { linkPayment, markPaid } from './invoice.js'
import { oneOffBill } from './one-off-bill.js'

/**
 * The invoice of a paid session in payment mode that was asked for one: made after the payment, which it takes over
 * (docs.stripe.com/payments/checkout/receipts#paid-invoices). The customer's balance has no part in it.
 */
export function invoicePaidSession (
  context: SandboxContext, batch: EventBatch, session: Stripe.Checkout.Session, items: Stripe.LineItem[]
): void {
  const { invoice_creation: creation, payment_intent: intent, customer } = session
  if (creation?.enabled !== true || intent === null || customer === null) return
  const made = draftInvoice(context, batch, {
    currency: session.currency ?? 'usd',
    customer: idOf(customer),
    description: creation.invoice_data.description,
    metadata: { ...creation.invoice_data.metadata }
  }, { ...oneOffBill(context, 'manual', items), prepaid: true })
  finalizeInvoice(context, batch, made, true)
  linkPayment(context, made, stored(context.state.paymentIntents, idOf(intent)))
  made.attempted = true
  markPaid(context, batch, made)
  session.invoice = made.id
}
