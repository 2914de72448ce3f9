import type Stripe from 'stripe'

/**
 * Whether it is an error of the stripe package.
 * @param type such as `StripeInvalidRequestError`; absent: any
 */
export function isStripeError (error: unknown, type?: string): error is Stripe.errors.StripeError {
  // The app's package may be another copy than ours, and then its errors are no instances of our classes.
  return error instanceof Error && 'rawType' in error && 'type' in error && (type === undefined || error.type === type)
}
