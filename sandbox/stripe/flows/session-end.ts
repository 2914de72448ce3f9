import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EmittedEvent, EventBatch } from '../events.js'
import { intentOf, markPaid, paymentsOf } from './invoice.js'
import { paymentFailed, paymentOf, paymentSucceeded } from './payment.js'
import { pastDue } from './renew.js'
import { invoicePaidSession } from './session-invoice.js'

/** The PaymentIntents of a completed session, oldest first. */
export function intentsOf (context: SandboxContext, session: Stripe.Checkout.Session): string[] {
  if (session.payment_intent !== null) return [idOf(session.payment_intent)]
  if (session.invoice === null) return []
  return paymentsOf(context, idOf(session.invoice)).flatMap((link) => intentOf(link) ?? [])
}

/** Lets the bank debit of a completed session clear, or fail. */
export function settleSession (
  context: SandboxContext, session: Stripe.Checkout.Session, intentId: string, cleared: boolean
): Promise<EmittedEvent[]> {
  const batch = context.events.batch()
  const payment = paymentOf(context, intentId)
  const bill = session.invoice === null ? null : stored(context.state.invoices, idOf(session.invoice))
  if (cleared) {
    paymentSucceeded(batch, payment)
    if (bill !== null) markPaid(context, batch, bill)
    else invoicePaidSession(context, batch, session, stored(context.state.drafts, session.id).lineItems)
    session.payment_status = 'paid'
    batch.add('checkout.session.async_payment_succeeded', session)
  } else {
    paymentFailed(batch, payment)
    if (bill !== null && session.subscription !== null) {
      batch.add('invoice.payment_failed', bill)
      pastDue(batch, stored(context.state.subscriptions, idOf(session.subscription)))
    }
    batch.add('checkout.session.async_payment_failed', session)
  }
  return batch.send()
}

/** Lets an open session run out. */
export function expireSession (
  context: SandboxContext, session: Stripe.Checkout.Session, batch: EventBatch = context.events.batch()
): Promise<EmittedEvent[]> {
  session.status = 'expired'
  session.url = null
  session.expires_at = Math.min(session.expires_at, timestamp(context))
  batch.add('checkout.session.expired', session)
  return batch.send()
}
