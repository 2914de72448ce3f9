import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { Cursor, CustomerKey, described, Limit, NextCursor, nullable, oneOf, ref, STORABLE_TEXT, Timestamp } from './common.js'
import { DeliveryStatus } from './health.js'
import { Advice, AttentionSince, Attempts, CustomerEmail, Explanation, FactSource, Reason, Resolution, TrackingEvent, TrackingKind, TrackingState } from './tracking-event.js'

export { AmountCents, LeadPayload, RefundPayload, SalePayload } from './payloads.js'
export { FactSource, TrackingEvent, TrackingKind, TrackingState } from './tracking-event.js'

/** States of a stored Stripe event. */
export const STRIPE_EVENT_STATES = ['received', 'interpreted', 'ignored', 'parked', 'failed', 'resolved'] as const

export const StripeEventState = oneOf(STRIPE_EVENT_STATES, {
  $id: 'StripeEventState',
  title: 'Stripe event state',
  description: '`received`: stored, not read yet. `interpreted`: became a fact. `ignored`: no fact, for a reason. ' +
    '`parked`: waits for another event. `failed`: could not be read; a person must look. `resolved`: a person has dealt with it.',
  examples: ['ignored']
})
export type StripeEventState = Static<typeof StripeEventState>

export const TrackingEventPage = Type.Object({
  events: Type.Array(ref(TrackingEvent), { description: 'Newest first.' }),
  nextCursor: NextCursor
}, {
  $id: 'TrackingEventPage',
  title: 'Tracking event page',
  description: 'A page of tracking events.',
  additionalProperties: false
})
export type TrackingEventPage = Static<typeof TrackingEventPage>

const ReasonFilter = Type.String({ maxLength: 100, pattern: '^[a-z0-9_]+$', description: 'Reason, as in `reason`.', examples: ['no_attribution'] })

/** What the operator looks for: an address, a key, an id. */
export const SearchText = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: STORABLE_TEXT,
  description: 'E-mail in any case, customer key, or the beginning of either; id of anything at Stripe (customer, session, invoice, ' +
    'payment intent, charge, subscription, refund, event), transaction id or click id, in full.',
  examples: ['ada@example.com']
})

export const TrackingEventFilter = Type.Object({
  kind: Type.Optional(ref(TrackingKind)),
  state: Type.Optional(ref(TrackingState)),
  reason: Type.Optional(ReasonFilter),
  source: Type.Optional(ref(FactSource)),
  customerKey: Type.Optional(CustomerKey),
  transactionId: Type.Optional(Type.String({
    minLength: 1, maxLength: 255, pattern: STORABLE_TEXT, description: 'Only the facts of this transaction: with a sale, its refunds.', examples: ['cs_test_a1b2c3']
  })),
  since: Type.Optional(described(Timestamp, 'Only what happened at this time or later.')),
  until: Type.Optional(described(Timestamp, 'Only what happened before this time.')),
  q: Type.Optional(described(SearchText, 'Only facts of the customers that a search for this finds.'))
}, { additionalProperties: false })
export type TrackingEventFilter = Static<typeof TrackingEventFilter>

export const TrackingEventQuery = Type.Object({
  ...TrackingEventFilter.properties,
  limit: Type.Optional(Limit),
  cursor: Type.Optional(Cursor)
}, { additionalProperties: false })

export const TrackingEventParams = Type.Object({
  id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'Id of the tracking event.', examples: [17] })
}, { additionalProperties: false })

export const StripeEventRecord = Type.Object({
  id: Type.String({ description: 'Stripe\'s id of the event.', examples: ['evt_1NG8Du2eZvKYlo2C'] }),
  type: Type.String({ description: 'Stripe\'s event type.', examples: ['checkout.session.completed'] }),
  apiVersion: nullable(Type.String({ description: 'Stripe API version of the payload.', examples: ['2026-10-28.endive'] })),
  livemode: Type.Boolean({ description: 'False for test mode.', examples: [true] }),
  customerKey: nullable(CustomerKey),
  customerEmail: CustomerEmail,
  createdAt: described(Timestamp, 'When Stripe made it.'),
  receivedAt: Timestamp,
  state: ref(StripeEventState),
  reason: Reason('unpaid'),
  explanation: Explanation('Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.'),
  advice: Advice,
  attentionSince: AttentionSince,
  resolution: Resolution,
  attempts: Attempts,
  nextAttemptAt: nullable({ ...Timestamp, examples: [null] })
}, {
  $id: 'StripeEvent',
  title: 'Stripe event',
  description: 'A Stripe event as it was received, and what was made of it.',
  additionalProperties: false
})
export type StripeEventRecord = Static<typeof StripeEventRecord>

export const StripeEventPage = Type.Object({
  events: Type.Array(ref(StripeEventRecord), { description: 'Newest first.' }),
  nextCursor: NextCursor
}, {
  $id: 'StripeEventPage',
  title: 'Stripe event page',
  description: 'A page of stored Stripe events.',
  additionalProperties: false
})
export type StripeEventPage = Static<typeof StripeEventPage>

export const StripeEventParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9_]+$', description: 'Stripe\'s id of the event.', examples: ['evt_1NG8Du2eZvKYlo2C'] })
}, { additionalProperties: false })

export const StripeEventQuery = Type.Object({
  state: Type.Optional(ref(StripeEventState)),
  type: Type.Optional(Type.String({ maxLength: 100, pattern: '^[a-z0-9_.]+$', description: 'Stripe\'s event type.', examples: ['invoice.paid'] })),
  reason: Type.Optional(ReasonFilter),
  customerKey: Type.Optional(CustomerKey),
  since: Type.Optional(described(Timestamp, 'Only what was created at this time or later, by Stripe\'s clock.')),
  until: Type.Optional(described(Timestamp, 'Only what was created before this time.')),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(Cursor)
}, { additionalProperties: false })

export const TrackingCount = Type.Object({
  kind: ref(TrackingKind),
  state: ref(TrackingState),
  count: Type.Integer({ description: 'How many events.', examples: [12] })
}, {
  $id: 'TrackingCount',
  title: 'Tracking count',
  description: 'How many events there are of one kind in one state.',
  additionalProperties: false
})
export type TrackingCount = Static<typeof TrackingCount>

export const StripeEventCount = Type.Object({
  state: ref(StripeEventState),
  count: Type.Integer({ description: 'How many events.', examples: [12] })
}, {
  $id: 'StripeEventCount',
  title: 'Stripe event count',
  description: 'How many stored Stripe events there are in one state.',
  additionalProperties: false
})
export type StripeEventCount = Static<typeof StripeEventCount>

export const TrackingSummary = Type.Object({
  counts: Type.Array(ref(TrackingCount), { description: 'Events by kind and state; those that have none are left out.' }),
  oldestPendingSeconds: nullable(Type.Number({
    description: 'Age of the oldest pending event in seconds; null when nothing is pending.', examples: [0.4]
  })),
  stripeEvents: Type.Array(ref(StripeEventCount), { description: 'Stored Stripe events by state; states that have none are left out.' }),
  delivery: ref(DeliveryStatus),
  stripeDashboard: nullable(Type.String({
    description: 'Address of Stripe\'s dashboard in the mode that is used; null in the sandbox.', examples: ['https://dashboard.stripe.com/test']
  })),
  affitorDashboard: nullable(Type.String({ description: 'Address of Affitor\'s dashboard; null in the sandbox.', examples: ['https://affitor.com'] }))
}, {
  $id: 'TrackingSummary',
  title: 'Tracking summary',
  description: 'How the ledger stands.',
  additionalProperties: false
})
export type TrackingSummary = Static<typeof TrackingSummary>
