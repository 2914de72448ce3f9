import Stripe from 'stripe'
import { ApiError } from '../errors.js'

/**
 * The event in a webhook's body, once any of the secrets matches its signature and it is at most 300 seconds old.
 * https://docs.stripe.com/webhooks/signature
 * @param secrets one, or two while the endpoint's secret is rotated
 * @throws {ApiError} INVALID_SIGNATURE; UNSUPPORTED_EVENT for what is signed and yet no snapshot event
 */
export function verifyEvent (stripe: Stripe, body: Buffer, signature: string | undefined, secrets: string[]): Stripe.Event {
  if (signature === undefined) throw new ApiError('INVALID_SIGNATURE', 'Webhook Error: the Stripe-Signature header is missing.')
  let mismatch: Error | undefined
  for (const secret of secrets) {
    try {
      return checkSnapshot(stripe.webhooks.constructEvent(body, signature, secret))
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw unsupported(error)
      mismatch = error
    }
  }
  throw new ApiError('INVALID_SIGNATURE', `Webhook Error: ${mismatch?.message.split('\n')[0]?.trim() ?? 'no secret is configured'}`, { cause: mismatch })
}

function checkSnapshot (event: Stripe.Event): Stripe.Event {
  const complete = event?.object === 'event' && typeof event.id === 'string' && typeof event.type === 'string' &&
    typeof event.created === 'number' && typeof event.livemode === 'boolean' && typeof event.data?.object === 'object' && event.data.object !== null
  if (!complete) throw new TypeError('not a snapshot event')
  return event
}

/** The stripe package refuses thin events by a plain Error, and bodies that are not JSON by a SyntaxError. */
function unsupported (cause: unknown): ApiError {
  return new ApiError('UNSUPPORTED_EVENT', cause instanceof SyntaxError
    ? 'Webhook Error: the body is signed, but is not JSON.'
    : 'Webhook Error: not a snapshot event. In Stripe\'s Workbench, make the event destination with the payload style "Snapshot", not "Thin".', { cause })
}
