import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { Cursor, CustomerKey, Limit, NextCursor, nullable, oneOf, ref, Timestamp } from './common.js'
import { DeliveryStatus } from './health.js'

export const TrackingKind = oneOf(['lead', 'sale', 'refund'], {
  $id: 'TrackingKind',
  title: 'Kind',
  description: 'What happened: `lead` (a signup), `sale` (a payment), `refund` (money given back).',
  examples: ['sale']
})
export type TrackingKind = Static<typeof TrackingKind>

export const TrackingState = oneOf(['pending', 'delivered', 'unattributed', 'rejected', 'needs_attention', 'skipped'], {
  $id: 'TrackingState',
  title: 'Tracking state',
  description: '`pending`: waits for its first or next attempt. `delivered`: Affitor recorded it. ' +
    '`unattributed`: no partner earned this. `rejected`: refused for a reason that a retry cannot change. ' +
    '`needs_attention`: a person must look. `skipped`: not sent, by policy.',
  examples: ['delivered']
})
export type TrackingState = Static<typeof TrackingState>

/** States of a stored Stripe event. */
export const STRIPE_EVENT_STATES = ['received', 'interpreted', 'ignored', 'parked', 'failed'] as const

export const StripeEventState = oneOf(STRIPE_EVENT_STATES, {
  $id: 'StripeEventState',
  title: 'Stripe event state',
  description: '`received`: stored, not read yet. `interpreted`: became a fact. `ignored`: no fact, for a reason. ' +
    '`parked`: waits for another event. `failed`: could not be read; a person must look.',
  examples: ['ignored']
})
export type StripeEventState = Static<typeof StripeEventState>

const AmountCents = Type.Integer({
  minimum: 1,
  description: 'Amount in the currency\'s smallest unit (cents; whole units for zero-decimal currencies).',
  examples: [4900]
})
const Version = Type.Literal(1, { description: 'Version of this shape.' })
const OptionalClickId = Type.Optional(Type.String({ description: 'Affitor\'s click id.', examples: ['cust_42_1714000000000'] }))

export const LeadPayload = Type.Object({
  v: Version,
  clickId: OptionalClickId,
  email: Type.Optional(Type.String({ description: 'The user\'s e-mail.', examples: ['ada@example.com'] }))
}, {
  $id: 'LeadPayload',
  title: 'Lead',
  description: 'What Affitor is told of a signup.',
  additionalProperties: false
})
export type LeadPayload = Static<typeof LeadPayload>

export const SalePayload = Type.Object({
  v: Version,
  amountCents: AmountCents,
  currency: Type.String({ description: 'ISO 4217 code, upper case.', examples: ['USD'] }),
  saleType: oneOf(['payment', 'subscription'], { description: 'One-time payment, or payment for a subscription.', examples: ['payment'] }),
  isRecurring: Type.Boolean({ description: 'True from the second payment of a subscription on.', examples: [false] }),
  paidCents: Type.Optional(Type.Integer({
    minimum: 1, description: 'What the customer paid, when Affitor is told another amount (net of tax). Not sent.', examples: [5831]
  })),
  clickId: OptionalClickId,
  subscriptionId: Type.Optional(Type.String({ description: 'Stripe subscription id.', examples: ['sub_1MowQVLkdIwHu7ix'] })),
  subscriptionInterval: Type.Optional(oneOf(['monthly', 'quarterly', 'annual'], { description: 'How often the subscription is billed.', examples: ['monthly'] }))
}, {
  $id: 'SalePayload',
  title: 'Sale',
  description: 'What Affitor is told of a payment.',
  additionalProperties: false
})
export type SalePayload = Static<typeof SalePayload>

export const RefundPayload = Type.Object({
  v: Version,
  amountCents: AmountCents,
  full: Type.Boolean({ description: 'True when this one refund gives the whole sale back: Affitor reverses the commission.', examples: [false] }),
  refundReason: Type.Optional(Type.String({ description: 'Stripe\'s reason.', examples: ['requested_by_customer'] }))
}, {
  $id: 'RefundPayload',
  title: 'Refund',
  description: 'What Affitor is told of money given back.',
  additionalProperties: false
})
export type RefundPayload = Static<typeof RefundPayload>

export const UnreadablePayload = Type.Object({}, {
  $id: 'UnreadablePayload',
  title: 'Unreadable payload',
  description: 'A payload of no known version. Its event needs attention.',
  additionalProperties: true
})

const Reason = (example: string | null) => nullable(Type.String({
  description: 'Why it is in this state, for a program; null when the state says it all.', examples: [example]
}))
const Explanation = (example: string | null) => nullable(Type.String({ description: 'The reason in words.', examples: [example] }))
const Attempts = Type.Integer({ description: 'Attempts made so far.', examples: [1] })

export const TrackingEvent = Type.Object({
  id: Type.Integer({ description: 'Position in the ledger: for one customer, events are sent in this order.', examples: [17] }),
  kind: ref(TrackingKind),
  transactionId: Type.String({
    description: 'Unique for its kind: a lead\'s customer key, a sale\'s Checkout Session or invoice, a refund\'s own id.',
    examples: ['cs_test_a1b2c3']
  }),
  saleTransactionId: nullable(Type.String({ description: 'Of a refund: the sale\'s transaction id.', examples: [null] })),
  customerKey: CustomerKey,
  payload: Type.Union([ref(LeadPayload), ref(SalePayload), ref(RefundPayload), ref(UnreadablePayload)], { description: 'What Affitor is told.' }),
  source: Type.String({ description: 'Where the fact comes from: a Stripe event id, or `signup`.', examples: ['evt_1NG8Du2eZvKYlo2C'] }),
  occurredAt: Timestamp,
  state: ref(TrackingState),
  reason: Reason(null),
  explanation: Explanation(null),
  retryable: Type.Boolean({ description: 'Whether an operator may have it sent again.', examples: [false] }),
  attempts: Attempts,
  nextAttemptAt: nullable({ ...Timestamp, examples: [null] }),
  lastStatus: nullable(Type.Integer({ description: 'HTTP status of the last answer; 0 when there was none.', examples: [200] })),
  lastError: nullable(Type.String({ description: 'Error text of the last attempt.', examples: [null] })),
  response: Type.Unknown({ description: 'Affitor\'s last answer.', examples: [{ success: true, sale_id: 12, commission_id: 7 }] }),
  createdAt: Timestamp,
  settledAt: nullable(Timestamp)
}, {
  $id: 'TrackingEvent',
  title: 'Tracking event',
  description: 'One fact for Affitor, and what became of it.',
  additionalProperties: false
})
export type TrackingEvent = Static<typeof TrackingEvent>

export const TrackingEventPage = Type.Object({
  events: Type.Array(ref(TrackingEvent), { description: 'Newest first.' }),
  nextCursor: NextCursor
}, {
  $id: 'TrackingEventPage',
  title: 'Tracking events',
  description: 'A page of tracking events.',
  additionalProperties: false
})

export const TrackingEventQuery = Type.Object({
  kind: Type.Optional(ref(TrackingKind)),
  state: Type.Optional(ref(TrackingState)),
  customerKey: Type.Optional(CustomerKey),
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
  created: Timestamp,
  receivedAt: Timestamp,
  state: ref(StripeEventState),
  reason: Reason('unpaid'),
  explanation: Explanation('Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.'),
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
  title: 'Stripe events',
  description: 'A page of stored Stripe events.',
  additionalProperties: false
})

export const StripeEventParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 255, pattern: '^[A-Za-z0-9_]+$', description: 'Stripe\'s id of the event.', examples: ['evt_1NG8Du2eZvKYlo2C'] })
}, { additionalProperties: false })

export const StripeEventQuery = Type.Object({
  state: Type.Optional(ref(StripeEventState)),
  type: Type.Optional(Type.String({ maxLength: 100, pattern: '^[a-z0-9_.]+$', description: 'Stripe\'s event type.', examples: ['invoice.paid'] })),
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

export const StripeEventCount = Type.Object({
  state: ref(StripeEventState),
  count: Type.Integer({ description: 'How many events.', examples: [12] })
}, {
  $id: 'StripeEventCount',
  title: 'Stripe event count',
  description: 'How many stored Stripe events there are in one state.',
  additionalProperties: false
})

export const TrackingSummary = Type.Object({
  counts: Type.Array(ref(TrackingCount), { description: 'Events by kind and state; those that have none are left out.' }),
  oldestPendingSeconds: nullable(Type.Number({
    description: 'Age of the oldest pending event in seconds; null when nothing is pending.', examples: [0.4]
  })),
  stripeEvents: Type.Array(ref(StripeEventCount), { description: 'Stored Stripe events by state; states that have none are left out.' }),
  delivery: ref(DeliveryStatus)
}, {
  $id: 'TrackingSummary',
  title: 'Tracking summary',
  description: 'How the ledger stands.',
  additionalProperties: false
})
