import { createHash, randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { ApiError } from '../errors.js'
import { checkoutSessionParams } from './checkout-session-params.js'
import type { CheckoutOrder } from './checkout-session-params.js'
import { inTime } from '../in-time.js'
import { toApiError } from './stripe-errors.js'

interface CreatedSession { sessionId: string, url: string }

/**
 * Creates a Checkout Session at Stripe.
 * @param idempotencyKey the caller's; the same one of the same user makes one session only, also when an earlier
 * request was given up before Stripe answered
 * @param limitMs longest that the buyer waits, in milliseconds, however many calls it takes
 * @throws {ApiError} STRIPE_REJECTED, STRIPE_MISCONFIGURED or STRIPE_UNAVAILABLE
 */
export async function createCheckoutSession (
  stripe: Stripe, order: CheckoutOrder, idempotencyKey: string | undefined, limitMs: number
): Promise<CreatedSession> {
  const session = await inTime(createForBuyer(stripe, order, scopedKey(order.userId, idempotencyKey)), limitMs)
  if (session === undefined) throw new ApiError('STRIPE_UNAVAILABLE', 'Stripe did not answer in time. Try again shortly, with the same Idempotency-Key.')
  return session
}

async function createForBuyer (stripe: Stripe, order: CheckoutOrder, key: string): Promise<CreatedSession> {
  try {
    return await create(stripe, order, key)
  } catch (error) {
    if (!isDeletedCustomer(error)) throw toApiError(error)
    // The customer was deleted at Stripe: the buyer starts afresh there, by e-mail.
    const { stripeCustomerId: _deleted, ...anonymous } = order
    return await create(stripe, anonymous, `${key}-new`).catch(secondError => { throw toApiError(secondError) })
  }
}

async function create (stripe: Stripe, order: CheckoutOrder, idempotencyKey: string): Promise<CreatedSession> {
  const session = await stripe.checkout.sessions.create(checkoutSessionParams(order), { idempotencyKey })
  if (session.url === null) throw new ApiError('STRIPE_UNAVAILABLE', 'Stripe made a Checkout Session without an address.')
  return { sessionId: session.id, url: session.url }
}

/** Hashed with the user's id, so that the keys of two users never meet. */
function scopedKey (userId: string, idempotencyKey: string | undefined): string {
  return createHash('sha256').update(`${userId}\n${idempotencyKey ?? randomUUID()}`).digest('hex')
}

function isDeletedCustomer (error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing' && error.param === 'customer'
}
