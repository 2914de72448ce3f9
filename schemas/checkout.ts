import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { ClickId, described, IdempotencyKey, oneOf } from './common.js'

export const CheckoutMode = oneOf(['payment', 'subscription'], {
  description: '`payment` for a one-time price, `subscription` for a recurring one.',
  examples: ['payment']
})
export type CheckoutMode = Static<typeof CheckoutMode>

export const CheckoutRequest = Type.Object({
  priceId: Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: '^[A-Za-z0-9_]+$',
    description: 'Id of the Stripe price to buy.',
    examples: ['price_sandbox_onetime']
  }),
  mode: CheckoutMode,
  quantity: Type.Optional(Type.Integer({ minimum: 1, maximum: 999999, description: 'How many. Default: 1.', examples: [1] })),
  affitorClickId: Type.Optional(ClickId)
}, {
  $id: 'CheckoutRequest',
  title: 'Checkout request',
  description: 'What to buy. The buyer is always the authenticated user.',
  additionalProperties: false
})
export type CheckoutRequest = Static<typeof CheckoutRequest>

export const CheckoutHeaders = Type.Object({
  'idempotency-key': Type.Optional(described(IdempotencyKey, 'Send the same key again when you repeat a request whose answer was lost: no second ' +
    'session is made. Keys of different users never meet.'))
})

export const CheckoutSession = Type.Object({
  sessionId: Type.String({ description: 'Id of the Stripe Checkout Session.', examples: ['cs_test_a1b2c3'] }),
  url: Type.String({
    format: 'uri',
    description: 'Where to send the buyer.',
    examples: ['https://checkout.stripe.com/c/pay/cs_test_a1b2c3']
  })
}, {
  $id: 'CheckoutSession',
  title: 'Checkout Session',
  description: 'A Stripe Checkout Session, ready for the buyer.',
  additionalProperties: false
})
export type CheckoutSession = Static<typeof CheckoutSession>
