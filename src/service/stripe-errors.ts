import Stripe from 'stripe'
import { ApiError } from '../errors.js'

/** What a caller is told of a call to Stripe that failed: https://docs.stripe.com/error-handling */
export function toApiError (error: unknown): unknown {
  const { errors } = Stripe
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    return new ApiError('STRIPE_MISCONFIGURED', undefined, { cause: error })
  }
  if (error instanceof errors.StripeIdempotencyError) {
    // Stripe's words quote the hashed key, which the caller has never seen.
    return new ApiError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key came with another purchase before. Send a new key for a new purchase.', { cause: error })
  }
  // 409: a request with the same key is still being worked on.
  const passes = error instanceof errors.StripeConnectionError || error instanceof errors.StripeRateLimitError ||
    (error instanceof errors.StripeError && error.statusCode === 409)
  if (passes) {
    return new ApiError('STRIPE_UNAVAILABLE', undefined, { cause: error })
  }
  if (error instanceof errors.StripeError && error.statusCode !== undefined && error.statusCode < 500) {
    return new ApiError('STRIPE_REJECTED', `Stripe: ${error.message}`, { cause: error })
  }
  if (error instanceof errors.StripeError) return new ApiError('STRIPE_UNAVAILABLE', undefined, { cause: error })
  return error
}
