import { isUtf8 } from 'node:buffer'
import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type Stripe from 'stripe'
import { ApiError } from '../errors.js'
import { isStripeError } from '../stripe-error.js'

/** What is read from an event before it is interpreted, in the bounds of the columns that take it. */
const snapshotEvent = TypeCompiler.Compile(Type.Object({
  object: Type.Literal('event'),
  id: Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' }),
  type: Type.String(),
  api_version: Type.Optional(Type.Union([Type.String({ pattern: '^[\\x21-\\x7e]{1,100}$' }), Type.Null()])),
  // Seconds up to the year 9999.
  created: Type.Integer({ minimum: 0, maximum: 253_402_300_799 }),
  livemode: Type.Boolean(),
  data: Type.Object({ object: Type.Object({}) })
}))

/**
 * The event in a webhook's body, once any of the secrets matches its signature and it is at most 300 seconds old.
 * https://docs.stripe.com/webhooks/signature
 * @param secrets one, or two while the endpoint's secret is rotated
 * @throws {ApiError} INVALID_SIGNATURE; UNSUPPORTED_EVENT for what is signed and yet no snapshot event
 */
export function verifyEvent (stripe: Stripe, body: Buffer, signature: string | undefined, secrets: string[]): Stripe.Event {
  if (signature === undefined) throw new ApiError('INVALID_SIGNATURE', 'Webhook Error: the Stripe-Signature header is missing.')
  // The stripe package fails on it as if the body were at fault.
  if (/v1=\s*(,|$)/.test(signature)) throw new ApiError('INVALID_SIGNATURE', 'Webhook Error: the Stripe-Signature header has an empty v1.')
  // Given bytes, the package would leave out a byte order mark and replace what is no UTF-8, so that other bytes than
  // those that were signed would pass.
  if (!isUtf8(body)) throw new ApiError('INVALID_SIGNATURE', 'Webhook Error: the body is not UTF-8.')
  const text = body.toString('utf8')
  let mismatch: Error | undefined
  for (const secret of secrets) {
    try {
      return checkSnapshot(stripe.webhooks.constructEvent(text, signature, secret))
    } catch (error) {
      if (!isStripeError(error, 'StripeSignatureVerificationError')) throw unsupported(error)
      // A signature that is merely too old says more than one by another secret.
      if (mismatch === undefined || /tolerance/.test(error.message)) mismatch = error
    }
  }
  throw new ApiError('INVALID_SIGNATURE', `Webhook Error: ${mismatch?.message.split('\n')[0]?.trim() ?? 'no secret is configured'}`, { cause: mismatch })
}

/** @throws {TypeError} when it is no snapshot event */
export function checkSnapshot (event: Stripe.Event): Stripe.Event {
  if (!snapshotEvent.Check(event)) throw new TypeError('It is no snapshot event of Stripe: "object": "event" with id, type, created, livemode and data.object.')
  return event
}

/** The stripe package refuses thin events by a plain Error, and bodies that are not JSON by a SyntaxError. */
function unsupported (cause: unknown): ApiError {
  return new ApiError('UNSUPPORTED_EVENT', cause instanceof SyntaxError
    ? 'Webhook Error: the body is signed, but is not JSON.'
    : 'Webhook Error: not a snapshot event. In Stripe\'s Workbench, make the event destination with the payload style "Snapshot", not "Thin".', { cause })
}
