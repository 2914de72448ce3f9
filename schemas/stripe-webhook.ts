import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'

/** The raw bytes that Stripe signed. Never parsed before the signature is checked. */
export const StripeWebhookBody = Type.Unsafe<Buffer>({
  type: 'string',
  format: 'binary',
  description: 'A Stripe event, byte for byte as it was signed.'
})

export const StripeWebhookHeaders = Type.Object({
  'stripe-signature': Type.Optional(Type.String({
    description: '`t=<seconds>,v1=<HMAC-SHA256 of "t.body" with the endpoint\'s secret>`. At most 300 seconds old.',
    examples: ['t=1793534400,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd']
  }))
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
