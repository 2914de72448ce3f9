import type Stripe from 'stripe'
import { idOf, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { newId } from '../ids.js'
import { charge, refund } from '../objects/index.js'

// docs.stripe.com/payments/place-a-hold-on-a-payment-method#authorization-validity-windows
const HOLD_SECONDS = 7 * 86_400

/** A PaymentIntent with the charge that its last attempt made. */
export interface Payment {
  intent: Stripe.PaymentIntent
  charge: Stripe.Charge
}

/** The bank holds the money of a manual capture; none of it has come. */
export function holdMoney (batch: EventBatch, { intent, charge: attempt }: Payment): void {
  attempt.status = 'succeeded'
  attempt.paid = true
  attempt.outcome = charge().outcome
  const card = attempt.payment_method_details?.card
  if (card) card.capture_before = attempt.created + HOLD_SECONDS
  intent.status = 'requires_capture'
  intent.amount_capturable = intent.amount
  batch.add('charge.succeeded', attempt)
  batch.add('payment_intent.amount_capturable_updated', intent)
}

/**
 * Takes held money, in the currency's smallest unit; what is not taken goes back to the buyer. The Checkout Session is
 * paid from then on, and no event tells of it.
 */
export function captureMoney (context: SandboxContext, batch: EventBatch, { intent, charge: attempt }: Payment, amount: number): void {
  const rest = intent.amount_capturable - amount
  attempt.captured = true
  attempt.amount_captured = amount
  attempt.amount_refunded = rest
  attempt.balance_transaction = newId('txn_3')
  intent.status = 'succeeded'
  intent.amount_capturable = 0
  intent.amount_received = amount
  for (const session of context.state.sessions.values()) {
    if (session.payment_intent !== null && idOf(session.payment_intent) === intent.id) session.payment_status = 'paid'
  }
  batch.add('charge.captured', attempt)
  batch.add('payment_intent.succeeded', intent)
  if (rest > 0) release(context, batch, attempt, rest)
}

/** Cancels a PaymentIntent; money that was held goes back. */
export function cancelIntent (
  context: SandboxContext, batch: EventBatch, intent: Stripe.PaymentIntent, reason: Stripe.PaymentIntent.CancellationReason | null
): void {
  const held = intent.latest_charge === null ? undefined : context.state.charges.get(idOf(intent.latest_charge))
  if (intent.status === 'requires_capture' && held !== undefined) {
    held.amount_refunded = held.amount
    held.refunded = true
    release(context, batch, held, held.amount)
  }
  intent.status = 'canceled'
  intent.amount_capturable = 0
  intent.canceled_at = timestamp(context)
  intent.cancellation_reason = reason
  batch.add('payment_intent.canceled', intent)
}

/**
 * Held money that is not taken shows as a refund of the charge, although it was never the shop's: the charge's
 * `amount_refunded` includes it, and `charge.refunded` tells of it. Stripe's documentation only says that it is refunded
 * (docs.stripe.com/api/payment_intents/cancel); shops that live with it, as WooCommerce's Stripe gateway, tell a partial
 * capture by the `amount_refunded` in `charge.captured`.
 */
function release (context: SandboxContext, batch: EventBatch, held: Stripe.Charge, amount: number): void {
  const made = refund({
    amount,
    balance_transaction: null,
    charge: held.id,
    created: timestamp(context),
    currency: held.currency,
    customer: held.customer === null ? null : idOf(held.customer),
    destination_details: { card: { type: 'reversal' }, type: 'card' },
    payment_intent: held.payment_intent === null ? null : idOf(held.payment_intent),
    payment_method: held.payment_method
  })
  context.state.refunds.set(made.id, made)
  batch.add('refund.created', made)
  batch.add('charge.refunded', held)
}
