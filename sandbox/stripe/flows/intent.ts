import type Stripe from 'stripe'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { bankDebitType } from '../objects/index.js'
import { intentOf } from './invoice.js'
import type { PaymentOutcome } from './invoice.js'
import { attemptCharge, paymentFailed, paymentOf, paymentPending, paymentSucceeded } from './payment.js'

/** What a PaymentIntent was made by, if not by the app itself. */
export function usedBy ({ state }: SandboxContext, intent: Stripe.PaymentIntent): 'invoice' | 'session' | null {
  for (const link of state.invoicePayments.values()) if (intentOf(link) === intent.id) return 'invoice'
  for (const { payment_intent: used } of state.sessions.values()) if (used !== null && idOf(used) === intent.id) return 'session'
  return null
}

/** What a buyer and the buyer's bank do with a PaymentIntent of the app. A bank debit that is on its way is decided. */
export function payIntent (
  context: SandboxContext, batch: EventBatch, intent: Stripe.PaymentIntent, outcome: PaymentOutcome
): void {
  const customer = intent.customer === null ? undefined : context.state.customers.get(idOf(intent.customer))
  const debit = outcome === 'pends' ? bankDebitType(intent.currency) : null
  const payment = intent.status === 'processing'
    ? paymentOf(context, intent.id)
    : { intent, charge: attemptCharge(context, intent, debit ?? 'card', customer?.email ?? intent.receipt_email) }
  if (outcome === 'pends') paymentPending(batch, payment)
  else if (outcome === 'fails') paymentFailed(batch, payment)
  else paymentSucceeded(batch, payment)
}
