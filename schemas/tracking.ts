import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { CLICK_ID_MAX_LENGTH, Cursor, CustomerKey, described, Email, Limit, NextCursor, nullable, oneOf, ref, STORABLE_TEXT, Timestamp } from './common.js'
import { DeliveryStatus } from './health.js'

export const TrackingKind = oneOf(['lead', 'sale', 'refund'], {
  $id: 'TrackingKind',
  title: 'Kind',
  description: 'What happened: `lead` (a signup), `sale` (a payment), `refund` (money given back).',
  examples: ['sale']
})
export type TrackingKind = Static<typeof TrackingKind>

export const TrackingState = oneOf(['pending', 'delivered', 'unattributed', 'rejected', 'needs_attention', 'resolved', 'skipped'], {
  $id: 'TrackingState',
  title: 'Tracking state',
  description: '`pending`: waits for its first or next attempt. `delivered`: Affitor recorded it. ' +
    '`unattributed`: no partner earned this. `rejected`: refused for a reason that a retry cannot change. ' +
    '`needs_attention`: a person must look. `resolved`: a person has dealt with it. `skipped`: not sent, by policy.',
  examples: ['delivered']
})
export type TrackingState = Static<typeof TrackingState>

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

export const AmountCents = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Amount in the currency\'s smallest unit (cents; whole units for zero-decimal currencies).',
  examples: [4900]
})
const Version = Type.Literal(1, { description: 'Version of this shape.' })
const OptionalClickId = Type.Optional(Type.String({ maxLength: CLICK_ID_MAX_LENGTH, description: 'Affitor\'s click id.', examples: ['cust_42_1714000000000'] }))

export const LeadPayload = Type.Object({
  v: Version,
  clickId: OptionalClickId,
  email: Type.Optional(Type.String({ maxLength: Email.maxLength as number, description: 'The user\'s e-mail.', examples: ['ada@example.com'] }))
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
  currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code, upper case.', examples: ['USD'] }),
  saleType: oneOf(['payment', 'subscription'], { description: 'One-time payment, or payment for a subscription.', examples: ['payment'] }),
  isRecurring: Type.Boolean({ description: 'True from the second payment of a subscription on.', examples: [false] }),
  paidCents: Type.Optional(Type.Integer({
    minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description: 'What the customer paid, when Affitor is told another amount (net of tax). Not sent.', examples: [5831]
  })),
  clickId: OptionalClickId,
  subscriptionId: Type.Optional(Type.String({ maxLength: 255, description: 'Stripe subscription id.', examples: ['sub_1MowQVLkdIwHu7ix'] })),
  subscriptionInterval: Type.Optional(oneOf(['monthly', 'quarterly', 'annual'], { description: 'How often the subscription is billed.', examples: ['monthly'] })),
  productId: Type.Optional(Type.String({ maxLength: 255, description: 'What was bought, for commission policies by product.', examples: ['prod_NWjs8kKbJWmuuc'] })),
  productNote: Type.Optional(oneOf(['several_products', 'no_product'], {
    description: 'Why Affitor is told no product: more than one was paid for, or Stripe names none. Not sent.', examples: ['several_products']
  }))
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

export const FactSource = oneOf(['signup', 'api', 'sql', 'stripe'], {
  $id: 'FactSource',
  title: 'Source',
  description: 'Where a fact comes from. `signup`: POST /api/signup. `api`: a backend reported it, by HTTP or by a method. ' +
    '`sql`: a function of the database. `stripe`: an event of Stripe.',
  examples: ['stripe']
})
export type FactSource = Static<typeof FactSource>

const Reason = (example: string | null) => nullable(Type.String({
  description: 'Why it is in this state, for a program; null when the state says it all.', examples: [example]
}))
const Explanation = (example: string | null) => nullable(Type.String({ description: 'The reason in words.', examples: [example] }))
const Attempts = Type.Integer({ description: 'Attempts made so far.', examples: [1] })
const CustomerEmail = nullable(Type.String({ description: 'E-mail that the customer signed up with; null when none is known.', examples: ['ada@example.com'] }))
const Advice = nullable(Type.String({ description: 'What a person does now; null when nothing needs to be done.', examples: [null] }))
const AttentionSince = described(nullable({ ...Timestamp, examples: [null] }), 'When it first needed attention, whatever was tried since; null when it does not.')

const Resolution = nullable(Type.Object({
  note: Type.String({ description: 'What was done about it.', examples: ['Affitor credited the partner by hand, ticket 4711.'] }),
  by: nullable(Type.String({ description: 'Who dealt with it; null when they did not say.', examples: ['Grace'] })),
  at: Timestamp
}, {
  description: 'How a person has dealt with what needed attention; null where none has.',
  examples: [null],
  additionalProperties: false
}))

export const TrackingEvent = Type.Object({
  id: Type.Integer({ description: 'Position in the ledger: for one customer, events are sent in this order.', examples: [17] }),
  kind: ref(TrackingKind),
  transactionId: Type.String({
    description: 'Unique for its kind: a lead\'s customer key, a sale\'s Checkout Session or invoice, a refund\'s own id.',
    examples: ['cs_test_a1b2c3']
  }),
  saleTransactionId: nullable(Type.String({ description: 'Of a refund: the sale\'s transaction id.', examples: [null] })),
  customerKey: CustomerKey,
  customerEmail: CustomerEmail,
  payload: Type.Union([ref(LeadPayload), ref(SalePayload), ref(RefundPayload), ref(UnreadablePayload)], { description: 'What Affitor is told.' }),
  source: ref(FactSource),
  stripeEventId: nullable(Type.String({ description: 'Of source `stripe`: the event that told it.', examples: ['evt_1NG8Du2eZvKYlo2C'] })),
  occurredAt: Timestamp,
  state: ref(TrackingState),
  reason: Reason(null),
  explanation: Explanation(null),
  advice: Advice,
  attentionSince: AttentionSince,
  resolution: Resolution,
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
  created: Timestamp,
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
