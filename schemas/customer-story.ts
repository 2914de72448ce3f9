import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { CheckoutMode } from './checkout.js'
import { CustomerKey, nullable, oneOf, ref, Timestamp, variants } from './common.js'
import { StripeEventRecord, TrackingEvent } from './tracking.js'

export const CustomerStoryParams = Type.Object({ customerKey: CustomerKey }, { additionalProperties: false })

export const DeliveryAttempt = Type.Object({
  trackingEventId: Type.Integer({ description: 'The tracking event that was sent.', examples: [17] }),
  attempt: Type.Integer({ description: 'Which attempt it was, from 1.', examples: [1] }),
  status: Type.Integer({ description: 'HTTP status of Affitor\'s answer; 0 when no whole answer came.', examples: [200] }),
  error: nullable(Type.String({ description: 'Error text.', examples: [null] })),
  durationMs: Type.Integer({ description: 'How long the call took, in milliseconds.', examples: [48] })
}, {
  $id: 'DeliveryAttempt',
  title: 'Delivery attempt',
  description: 'One call to Affitor, and its answer.',
  additionalProperties: false
})
export type DeliveryAttempt = Static<typeof DeliveryAttempt>

export const StoryStripeEvent = Type.Object({
  at: Timestamp,
  kind: Type.Literal('stripe_event', { description: '`stripe_event`: Stripe told of something. It tells the entries apart.' }),
  stripeEvent: ref(StripeEventRecord)
}, {
  $id: 'StoryStripeEvent',
  title: 'Story Stripe event',
  description: 'Stripe told of something; its reason says why it became no fact, if it did not.',
  additionalProperties: false
})
export type StoryStripeEvent = Static<typeof StoryStripeEvent>

export const StartedCheckout = Type.Object({
  sessionId: Type.String({ description: 'Id of the Stripe Checkout Session.', examples: ['cs_test_a1b2c3'] }),
  priceId: Type.String({ description: 'Id of the Stripe price.', examples: ['price_sandbox_onetime'] }),
  mode: CheckoutMode,
  quantity: Type.Integer({ description: 'How many.', examples: [1] })
}, {
  $id: 'StartedCheckout',
  title: 'Started checkout',
  description: 'What a customer was sent to Stripe to pay.',
  additionalProperties: false
})
export type StartedCheckout = Static<typeof StartedCheckout>

export const StoryCheckout = Type.Object({
  at: Timestamp,
  kind: Type.Literal('checkout', { description: '`checkout`: the customer was sent to Stripe to pay. It tells the entries apart.' }),
  checkout: ref(StartedCheckout)
}, {
  $id: 'StoryCheckout',
  title: 'Story checkout',
  description: 'The customer was sent to Stripe to pay.',
  additionalProperties: false
})
export type StoryCheckout = Static<typeof StoryCheckout>

export const StoryFact = Type.Object({
  at: Timestamp,
  kind: Type.Literal('fact', { description: '`fact`: a lead, a sale or a refund. It tells the entries apart.' }),
  trackingEvent: ref(TrackingEvent)
}, {
  $id: 'StoryFact',
  title: 'Story fact',
  description: 'A lead, a sale, a renewal or a refund, and how it stands now.',
  additionalProperties: false
})
export type StoryFact = Static<typeof StoryFact>

export const StoryAttempt = Type.Object({
  at: Timestamp,
  kind: Type.Literal('attempt', { description: '`attempt`: Affitor was called. It tells the entries apart.' }),
  attempt: ref(DeliveryAttempt)
}, {
  $id: 'StoryAttempt',
  title: 'Story attempt',
  description: 'Affitor was called.',
  additionalProperties: false
})
export type StoryAttempt = Static<typeof StoryAttempt>

export const OperatorAction = Type.Object({
  action: oneOf(['retry', 'hold', 'resolve', 'reopen', 'delete_personal_data'], { description: 'What was done.', examples: ['resolve'] }),
  trackingEventId: nullable(Type.Integer({ description: 'The tracking event that it was done to; null when it was none.', examples: [17] })),
  stripeEventId: nullable(Type.String({ description: 'The Stripe event that it was done to; null when it was none.', examples: [null] })),
  note: nullable(Type.String({ description: 'What the operator wrote about it.', examples: ['Affitor credited the partner by hand, ticket 4711.'] })),
  by: nullable(Type.String({ description: 'Who it was; null when they did not say.', examples: ['Grace'] }))
}, {
  $id: 'OperatorAction',
  title: 'Operator action',
  description: 'Something that a person did.',
  additionalProperties: false
})

export type OperatorAction = Static<typeof OperatorAction>

export const StoryAction = Type.Object({
  at: Timestamp,
  kind: Type.Literal('action', { description: '`action`: an operator did something. It tells the entries apart.' }),
  action: ref(OperatorAction)
}, {
  $id: 'StoryAction',
  title: 'Story action',
  description: 'An operator did something.',
  additionalProperties: false
})
export type StoryAction = Static<typeof StoryAction>

export const StoryEntry = variants('kind', [StoryStripeEvent, StoryCheckout, StoryFact, StoryAttempt, StoryAction], {
  $id: 'StoryEntry',
  title: 'Story entry',
  description: 'Something that happened. Its `kind` says what it is of.'
})
export type StoryEntry = Static<typeof StoryEntry>

export const CustomerStory = Type.Object({
  customerKey: CustomerKey,
  email: nullable(Type.String({ description: 'E-mail that the customer signed up with; null when none is known.', examples: ['ada@example.com'] })),
  verdict: Type.String({
    description: 'The answer in a sentence or two: what was paid, what the partner was credited for, and why not.',
    examples: ['Two payments, 38.00 USD; the partner was credited for both.']
  }),
  clickId: nullable(Type.String({ description: 'The click that brought the customer; null when none is known.', examples: ['cust_42_1714000000000'] })),
  stripeReferences: Type.Array(Type.String({ examples: ['cus_NffrFeUfNV2Hib'] }), {
    description: 'Stripe customers and subscriptions that are known to be this customer\'s.'
  }),
  entries: Type.Array(ref(StoryEntry), {
    description: 'What happened, oldest first: by Stripe\'s clock for payments, by ours for calls.'
  })
}, {
  $id: 'CustomerStory',
  title: 'Customer story',
  description: 'One customer from click to refund: the answer to "why did this partner not get paid?".',
  additionalProperties: false
})
export type CustomerStory = Static<typeof CustomerStory>
