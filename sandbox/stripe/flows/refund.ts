import { formatMoney } from '#money'
import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest } from '../errors.js'
import type { EmittedEvent, EventBatch, EventRequest } from '../events.js'
import { newId } from '../ids.js'
import { cardDestination, refund } from '../objects/index.js'

/** What is to be refunded. */
export interface RefundRequest {
  charge: Stripe.Charge
  /** In the currency's smallest unit; all that remains when absent. */
  amount?: number | undefined
  reason?: Stripe.Refund.Reason | null
  metadata?: Stripe.Metadata
  status: 'succeeded' | 'pending'
}

/** A refund on its way, and what became of its events. */
export interface RefundResult {
  refund: Stripe.Refund
  charge: Stripe.Charge
  events: Promise<EmittedEvent[]>
}

/**
 * Refunds a charge in part or in full.
 * @throws StripeSandboxError in Stripe's words when the charge cannot be refunded so far.
 */
export function createRefund (context: SandboxContext, request: RefundRequest, origin?: EventRequest): RefundResult {
  const batch = context.events.batch(origin)
  return { refund: addRefund(context, batch, request), charge: request.charge, events: batch.send() }
}

/** The same as a part of something larger, whose events are sent together. */
export function addRefund (context: SandboxContext, batch: EventBatch, request: RefundRequest): Stripe.Refund {
  const { charge } = request
  const remaining = refundable(charge)
  if (hasBlockingDispute(context, charge)) {
    throw invalidRequest(`Charge ${charge.id} has been charged back; cannot issue a refund.`, undefined, 'charge_disputed')
  }
  if (charge.status !== 'succeeded') throw invalidRequest(`Charge ${charge.id} has not been paid; cannot issue a refund.`)
  if (!charge.captured && remaining > 0) {
    throw invalidRequest(
      'This PaymentIntent could not be refunded because it has a status of requires_capture. You can cancel it instead with the PaymentIntents API.',
      'payment_intent', 'payment_intent_unexpected_state'
    )
  }
  if (remaining === 0) {
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, undefined, 'charge_already_refunded')
  }
  const amount = request.amount ?? remaining
  if (amount > remaining) {
    const [asked, left] = [amount, remaining].map((cents) => formatMoney(cents, charge.currency))
    throw invalidRequest(`Refund amount (${asked}) is greater than unrefunded amount on charge (${left})`, 'amount')
  }
  const card = charge.payment_method_details?.type === 'card'
  const made = refund({
    amount,
    charge: charge.id,
    created: timestamp(context),
    currency: charge.currency,
    customer: charge.customer === null ? null : idOf(charge.customer),
    destination_details: card ? cardDestination() : { type: charge.payment_method_details?.type ?? 'card' },
    metadata: { ...request.metadata },
    payment_intent: charge.payment_intent === null ? null : idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    reason: request.reason ?? null,
    status: request.status,
    ...(request.status === 'pending' && { balance_transaction: null, pending_reason: 'processing' as const })
  })
  context.state.refunds.set(made.id, made)
  charge.amount_refunded += amount
  charge.refunded = charge.amount_refunded === charge.amount
  batch.add('refund.created', made)
  batch.add('charge.refunded', charge)
  // Once the bank has taken a card refund, Stripe adds its reference (docs.stripe.com/refunds#trace).
  if (card && request.status === 'succeeded') {
    const { destination_details: before } = made
    made.destination_details = cardDestination('74980' + newId('_', 18).slice(1))
    batch.add('refund.updated', made, { destination_details: before })
    batch.add('charge.refund.updated', made, { destination_details: before })
  }
  return made
}

/** What of a charge can still be refunded. What a partial capture left out is in `amount_refunded` already. */
export function refundable (charge: Stripe.Charge): number {
  return charge.amount - charge.amount_refunded
}

/** Whether a dispute keeps a charge from being refunded: the bank has taken the money already. */
export function hasBlockingDispute (context: SandboxContext, charge: Stripe.Charge): boolean {
  return charge.disputed && [...context.state.disputes.values()].some((one) =>
    idOf(one.charge) === charge.id && !one.is_charge_refundable && one.status !== 'won')
}

/** Lets a pending refund succeed, or fail: the money then stays with the shop. */
export function settleRefund (context: SandboxContext, made: Stripe.Refund, succeeded: boolean): RefundResult {
  const batch = context.events.batch()
  const charge = stored(context.state.charges, made.charge === null ? '' : idOf(made.charge))
  const before = { status: made.status }
  delete made.pending_reason
  if (succeeded) {
    made.status = 'succeeded'
    made.balance_transaction = newId('txn_3')
  } else {
    made.status = 'failed'
    made.failure_reason = 'expired_or_canceled_card'
    made.failure_balance_transaction = newId('txn_1')
    charge.amount_refunded -= made.amount
    charge.refunded = false
    batch.add('refund.failed', made)
  }
  batch.add('refund.updated', made, before)
  batch.add('charge.refund.updated', made, before)
  return { refund: made, charge, events: batch.send() }
}
