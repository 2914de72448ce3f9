import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { CustomerKey, nullable, ref, Timestamp } from './common.js'
import { DeliveryAttempt, StartedCheckout, StoryAction } from './customer-story.js'
import { StripeEventRecord, TrackingEvent } from './tracking.js'

export const PersonalDataParams = Type.Object({ customerKey: CustomerKey }, { additionalProperties: false })

export const PersonalDataRemoval = Type.Object({
  customerKey: CustomerKey,
  facts: Type.Integer({ description: 'Facts from which e-mail, click, reason or Affitor\'s answer was removed.', examples: [3] }),
  deliveryAttempts: Type.Integer({ description: 'Attempts whose error text was removed.', examples: [1] }),
  stripeEvents: Type.Integer({ description: 'Stored Stripe events from which names, addresses, cards and the like were removed.', examples: [7] }),
  notes: Type.Integer({ description: 'Notes of operators that were removed.', examples: [0] })
}, {
  $id: 'PersonalDataRemoval',
  title: 'Personal data removal',
  description: 'How many rows had personal data of the customer, which was removed from them. Done again, it is 0 of each.',
  additionalProperties: false
})
export type PersonalDataRemoval = Static<typeof PersonalDataRemoval>

export const ExportedStripeEvent = Type.Object({
  event: ref(StripeEventRecord),
  payload: Type.Unknown({ description: 'The event as Stripe sent it, or what was kept of it.', examples: [{ id: 'evt_1NG8Du2eZvKYlo2C', object: 'event' }] })
}, {
  $id: 'ExportedStripeEvent',
  title: 'Exported Stripe event',
  description: 'A stored Stripe event with all that is in it.',
  additionalProperties: false
})
export type ExportedStripeEvent = Static<typeof ExportedStripeEvent>

export const ExportedAttempt = Type.Object({ at: Timestamp, attempt: ref(DeliveryAttempt) }, {
  $id: 'ExportedAttempt', title: 'Exported attempt', description: 'One call to Affitor, and when it ended.', additionalProperties: false
})
export type ExportedAttempt = Static<typeof ExportedAttempt>

export const ExportedCheckout = Type.Object({ at: Timestamp, checkout: ref(StartedCheckout) }, {
  $id: 'ExportedCheckout', title: 'Exported checkout', description: 'What the customer was sent to Stripe to pay, and when.', additionalProperties: false
})
export type ExportedCheckout = Static<typeof ExportedCheckout>

export const StripeReference = Type.Object({
  reference: Type.String({ description: 'Id of a Stripe customer or subscription.', examples: ['cus_NffrFeUfNV2Hib'] }),
  livemode: Type.Boolean({ description: 'False for test mode.', examples: [true] }),
  since: Timestamp
}, {
  $id: 'StripeReference', title: 'Stripe reference', description: 'A Stripe object that is known to be the customer\'s.', additionalProperties: false
})
export type StripeReference = Static<typeof StripeReference>

export const SaleReference = Type.Object({
  reference: Type.String({ description: 'Id of a Stripe object.', examples: ['pi_3MtwBwLkdIwHu7ix28a3tqPa'] }),
  saleTransactionId: Type.String({ description: 'Transaction id of the sale that it belongs to.', examples: ['cs_test_a1b2c3'] })
}, {
  $id: 'SaleReference', title: 'Sale reference', description: 'A Stripe object that belongs to a sale.', additionalProperties: false
})
export type SaleReference = Static<typeof SaleReference>

export const CustomerExport = Type.Object({
  customerKey: CustomerKey,
  forgottenAt: nullable({ ...Timestamp, description: 'When the personal data was deleted; null when it was not.', examples: [null] }),
  user: Type.Unknown({ description: 'What the app itself has of the customer; null when it tells nothing.', examples: [{ email: 'ada@example.com' }] }),
  facts: Type.Array(ref(TrackingEvent), { description: 'What Affitor is told, oldest first, with its answers.' }),
  attempts: Type.Array(ref(ExportedAttempt), { description: 'Calls to Affitor, oldest first.' }),
  stripeEvents: Type.Array(ref(ExportedStripeEvent), { description: 'Stored Stripe events, oldest first, also those that only mention the customer.' }),
  checkouts: Type.Array(ref(ExportedCheckout), { description: 'Started checkouts, oldest first.' }),
  stripeReferences: Type.Array(ref(StripeReference), { description: 'Stripe customers and subscriptions.' }),
  saleReferences: Type.Array(ref(SaleReference), { description: 'Stripe objects of the sales.' }),
  operatorActions: Type.Array(ref(StoryAction), { description: 'What people did, oldest first.' })
}, {
  $id: 'CustomerExport',
  title: 'Customer export',
  description: 'Everything that is stored of one customer.',
  additionalProperties: false
})
export type CustomerExport = Static<typeof CustomerExport>
