import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { ref } from './common.js'

/** What an event is about, in the shape of its type and of the endpoint's API version. */
export const StripeObject = Type.Unsafe<Record<string, unknown>>(Type.Object({}, {
  $id: 'StripeObject',
  title: 'Stripe object',
  description: 'An object of Stripe\'s, as Stripe documents it: a Checkout Session, an invoice, a refund.',
  examples: [{ id: 'cs_test_a1b2c3', object: 'checkout.session', mode: 'payment', payment_status: 'paid', amount_total: 4900, currency: 'usd' }],
  additionalProperties: true
}))
export type StripeObject = Static<typeof StripeObject>

export const StripeEventData = Type.Object({
  object: ref(StripeObject)
}, {
  $id: 'StripeEventData',
  title: 'Stripe event data',
  description: 'What a Stripe event is about; in an event of a change also what it was before.',
  additionalProperties: true
})
export type StripeEventData = Static<typeof StripeEventData>

export const StripeSnapshotEvent = Type.Object({
  object: Type.Literal('event', { description: 'A snapshot event, not a thin one.' }),
  id: Type.String({ maxLength: 255, description: 'Stripe\'s id of the event.', examples: ['evt_1NG8Du2eZvKYlo2C'] }),
  type: Type.String({ maxLength: 255, description: 'Stripe\'s event type.', examples: ['checkout.session.completed'] }),
  // Up to the year 9999.
  created: Type.Integer({ minimum: 0, maximum: 253_402_300_799, description: 'When it happened, in seconds since 1970.', examples: [1793534400] }),
  livemode: Type.Boolean({ description: 'False in Stripe\'s test mode.', examples: [false] }),
  data: ref(StripeEventData)
}, {
  $id: 'StripeSnapshotEvent',
  title: 'Stripe snapshot event',
  description: 'An event as Stripe sends it, with all else that Stripe has in it. Its type decides what it is about.',
  additionalProperties: true
})
export type StripeSnapshotEvent = Static<typeof StripeSnapshotEvent>

/** The bytes that Stripe signed, never parsed before the signature is checked. Readers are told of the object in them. */
export const StripeWebhookBody = Type.Unsafe<Buffer>(ref(StripeSnapshotEvent))

// A parameter, not a security scheme: it is another one for each body. Explorers keep a scheme's value for all that is
// sent, and most generated clients leave schemes to their user.
const StripeSignature = Type.String({
  maxLength: 2000,
  description: 'Stripe\'s signature of this body: `t=<seconds>,v1=<HMAC-SHA256 of "t.body" with the endpoint\'s secret>`. At most 300 seconds old.',
  examples: ['t=1793534400,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd']
})

export const StripeWebhookHeaders = Type.Object({
  // Who leaves it out is told so by the check of the signature.
  'stripe-signature': Type.Unsafe<string | undefined>(StripeSignature)
})

export const StripeEventReportHeaders = Type.Object({
  'stripe-signature': Type.Optional(StripeSignature)
})

export const WebhookReceipt = Type.Object({
  received: Type.Literal(true, { description: 'The event is stored for good, or is of a type that is not needed.' })
}, {
  $id: 'WebhookReceipt',
  title: 'Webhook receipt',
  description: 'Tells Stripe not to send this event again.',
  additionalProperties: false
})
export type WebhookReceipt = Static<typeof WebhookReceipt>
