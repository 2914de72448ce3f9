import { Type } from '@sinclair/typebox'
import type { Static, TSchema } from '@sinclair/typebox'
import { CustomerKey, described, nullable, oneOf, ref, Timestamp, variants } from './common.js'
import { LeadPayload, RefundPayload, SalePayload, UnreadablePayload } from './payloads.js'
import { reasons } from './reasons.js'

export const TrackingKind = oneOf(['lead', 'sale', 'refund'], {
  $id: 'TrackingKind',
  title: 'Tracking kind',
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

export const FactSource = oneOf(['signup', 'api', 'sql', 'stripe'], {
  $id: 'FactSource',
  title: 'Fact source',
  description: 'Where a fact comes from. `signup`: POST /api/signup. `api`: a backend reported it, by HTTP or by a method. ' +
    '`sql`: a function of the database. `stripe`: an event of Stripe.',
  examples: ['stripe']
})
export type FactSource = Static<typeof FactSource>

const EACH_REASON = Object.entries(reasons).map(([reason, { meaning }]) => `\`${reason}\`: ${meaning}`).join(' ')

/** A text, and no enum: what is stored may be a reason of a later version, which was taken back. */
export const Reason = (example: string | null, description = 'Why it is in this state, for a program; null when the state says it all.') => nullable(Type.String({
  description: `${description} Later releases may add others. ${EACH_REASON}`, examples: [example], 'x-extensible-enum': Object.keys(reasons)
}))
export const Explanation = (example: string | null) => nullable(Type.String({ description: 'The reason in words.', examples: [example] }))
export const Attempts = Type.Integer({ description: 'Attempts made so far.', examples: [1] })
export const CustomerEmail = nullable(Type.String({ description: 'E-mail that the customer signed up with; null when none is known.', examples: ['ada@example.com'] }))
export const Advice = nullable(Type.String({ description: 'What a person does now; null when nothing needs to be done.', examples: [null] }))
export const AttentionSince = described(nullable({ ...Timestamp, examples: [null] }), 'When it first needed attention, whatever was tried since; null when it does not.')

export const Resolution = nullable(Type.Object({
  note: Type.String({ description: 'What was done about it.', examples: ['Affitor credited the partner by hand, ticket 4711.'] }),
  by: nullable(Type.String({ description: 'Who dealt with it; null when they did not say.', examples: ['Grace'] })),
  at: Timestamp
}, {
  description: 'How a person has dealt with what needed attention; null where none has.',
  examples: [null],
  additionalProperties: false
}))

/**
 * A fact of one kind. Its payload is absent where no known version of the program has stored it: such a fact is shown
 * with the others, and its payload as it is, under another name, so that a payload is always of the kind's one shape.
 */
function eventOf<Kind extends TrackingKind, SaleTransactionId extends TSchema, Payload extends TSchema> (
  kind: Kind, own: { what: string, transactionId: string, saleTransactionId: SaleTransactionId, payload: Payload }, example: object
) {
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
  return Type.Object({
    id: Type.Integer({ description: 'Position in the ledger: for one customer, events are sent in this order.', examples: [17] }),
    kind: Type.Literal(kind, { description: `\`${kind}\`: ${own.what.charAt(0).toLowerCase()}${own.what.slice(1)}. It tells the kinds of facts apart.` }),
    transactionId: Type.String({ description: `Unique for its kind: ${own.transactionId}.`, examples: ['cs_test_a1b2c3'] }),
    saleTransactionId: own.saleTransactionId,
    customerKey: CustomerKey,
    customerEmail: CustomerEmail,
    payload: Type.Optional(ref(own.payload)),
    unreadablePayload: Type.Optional(ref(UnreadablePayload)),
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
    $id: `${name}Event`,
    title: `${name} event`,
    description: `${own.what}, and what became of it. It has either a \`payload\`, or, where that is of no known version, an \`unreadablePayload\`.`,
    examples: [{ ...EXAMPLE, kind, ...example }],
    additionalProperties: false
  })
}

/** What the examples of the three kinds have in common. */
const EXAMPLE = {
  saleTransactionId: null,
  customerKey: '0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11',
  customerEmail: 'ada@example.com',
  source: 'stripe',
  state: 'delivered',
  reason: null,
  explanation: null,
  advice: null,
  attentionSince: null,
  resolution: null,
  retryable: false,
  attempts: 1,
  nextAttemptAt: null,
  lastStatus: 200,
  lastError: null
}

const NoSale = nullable(Type.String({ description: 'Null: only a refund is of a sale.', examples: [null] }))

export const LeadEvent = eventOf('lead', {
  what: 'A signup', transactionId: 'the customer key', saleTransactionId: NoSale, payload: LeadPayload
}, {
  id: 16,
  transactionId: EXAMPLE.customerKey,
  payload: { v: 1, clickId: 'cust_42_1714000000000', email: 'ada@example.com' },
  source: 'signup',
  stripeEventId: null,
  occurredAt: '2026-11-01T11:40:00.000Z',
  response: { success: true },
  createdAt: '2026-11-01T11:40:00.000Z',
  settledAt: '2026-11-01T11:40:01.000Z'
})
export type LeadEvent = Static<typeof LeadEvent>

export const SaleEvent = eventOf('sale', {
  what: 'A payment', transactionId: 'the Checkout Session, the invoice, or the id that the app gave', saleTransactionId: NoSale, payload: SalePayload
}, {
  id: 17,
  transactionId: 'cs_test_a1b2c3',
  payload: SalePayload.examples[0],
  stripeEventId: 'evt_1NG8Du2eZvKYlo2C',
  occurredAt: '2026-11-01T12:00:00.000Z',
  response: { success: true, sale_id: 12, commission_id: 7 },
  createdAt: '2026-11-01T12:00:01.000Z',
  settledAt: '2026-11-01T12:00:02.000Z'
})
export type SaleEvent = Static<typeof SaleEvent>

export const RefundEvent = eventOf('refund', {
  what: 'Money given back',
  transactionId: 'the refund\'s own id',
  saleTransactionId: Type.String({ description: 'The sale\'s transaction id.', examples: ['cs_test_a1b2c3'] }),
  payload: RefundPayload
}, {
  id: 18,
  transactionId: 're_1Nispe2eZvKYlo2Cd31jOCgZ',
  saleTransactionId: 'cs_test_a1b2c3',
  payload: { v: 1, amountCents: 1900, currency: 'USD', full: false, refundReason: 'requested_by_customer' },
  stripeEventId: 'evt_1NirD82eZvKYlo2CIvbtLWuY',
  occurredAt: '2026-11-09T08:30:00.000Z',
  response: { success: true, status: 'refunded', commission_id: 7 },
  createdAt: '2026-11-09T08:30:01.000Z',
  settledAt: '2026-11-09T08:30:02.000Z'
})
export type RefundEvent = Static<typeof RefundEvent>

export const TrackingEvent = variants('kind', [LeadEvent, SaleEvent, RefundEvent], {
  $id: 'TrackingEvent',
  title: 'Tracking event',
  description: 'One fact for Affitor, and what became of it. Its `kind` says which.'
})
export type TrackingEvent = Static<typeof TrackingEvent>
