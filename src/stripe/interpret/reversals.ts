import type Stripe from 'stripe'
import type { InterpretContext } from './interpretation.js'
import { idOf, timeOf } from './objects.js'
import type { AnyDispute } from './objects.js'

/** Money of a sale that went back: a refund, or a dispute that was lost. */
export interface Reversal {
  /** Of the refund or the dispute. */
  id: string
  /** In the currency's smallest unit. */
  amount: number
  reason: string | null
  occurredAt: Date
}

/**
 * Refunds without what was never taken: of a payment that is captured in part, Stripe gives back the rest of the hold as
 * a refund that moves no money. https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
 */
export async function withoutReleases (refunds: Stripe.Refund[], { stripe }: InterpretContext): Promise<Stripe.Refund[]> {
  const moving: Stripe.Refund[] = []
  for (const refund of refunds) {
    const charge = refund.balance_transaction === null ? idOf(refund.charge) : undefined
    const { amount, amount_captured: captured } = (charge === undefined ? undefined : await stripe.charge(charge)) ?? { amount: 0, amount_captured: 0 }
    if (amount === captured || refund.amount !== amount - captured) moving.push(refund)
  }
  return moving
}

/**
 * The refunds that went through, oldest first. Affitor applies only the first refund of a sale, so their order
 * counts, and an event may have overtaken that of an earlier refund.
 * @param refunds as Stripe lists them: the newest first, also of those that were made in one second
 */
export function byRefunds (refunds: Stripe.Refund[]): Reversal[] {
  return oldestFirst(refunds.filter(({ status, amount }) => status === 'succeeded' && amount > 0))
    .map(({ id, amount, reason, created }) => ({ id, amount, reason, occurredAt: timeOf(created) }))
}

/** The disputes that took money, oldest first; of the others nothing was taken, or it came back. */
export function byDisputes (disputes: AnyDispute[]): Reversal[] {
  return oldestFirst(disputes.filter(isLost))
    .map(({ id, amount, status, created }) => ({ id, amount, reason: `dispute_${status}`, occurredAt: timeOf(created) }))
}

/** Lost, or prevented by giving the money back at once. */
export function isLost (dispute: AnyDispute): boolean {
  return dispute.status === 'lost' || (dispute.status === 'prevented' && isMoneyGone(dispute))
}

/** Whether more was withdrawn than was reinstated; an event need not show what was. */
function isMoneyGone (dispute: AnyDispute): boolean {
  return (dispute.balance_transactions ?? []).reduce((sum, { amount }) => sum + amount, 0) < 0
}

/** The first of each: what Stripe has now goes before what an event showed. */
export function withoutRepeats<T extends { id: string }> (objects: T[]): T[] {
  return objects.filter(({ id }, index) => objects.findIndex(other => other.id === id) === index)
}

function oldestFirst<T extends { created: number }> (newestFirst: T[]): T[] {
  return newestFirst.toReversed().sort((a, b) => a.created - b.created)
}
