import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { CustomerKey, nullable, oneOf, ref, STORABLE_TEXT, Timestamp } from './common.js'
import { Reason } from './tracking-event.js'
import { SearchText } from './tracking.js'

export const SearchQuery = Type.Object({ q: SearchText }, { additionalProperties: false })

export const FoundSales = Type.Object({
  currency: Type.String({ description: 'ISO 4217 code, upper case.', examples: ['USD'] }),
  count: Type.Integer({ description: 'Payments, renewals among them.', examples: [2] }),
  amountCents: Type.Integer({ description: 'What was paid, in the currency\'s smallest unit.', examples: [3800] }),
  refundedCents: Type.Integer({ description: 'What of it was given back.', examples: [0] })
}, {
  $id: 'FoundSales',
  title: 'Found sales',
  description: 'What a customer paid in one currency.',
  additionalProperties: false
})
export type FoundSales = Static<typeof FoundSales>

export const FoundCustomer = Type.Object({
  customerKey: CustomerKey,
  email: nullable(Type.String({ description: 'E-mail that the customer signed up with; null when none is known.', examples: ['ada@example.com'] })),
  clickId: nullable(Type.String({ description: 'The click that brought the customer; null when none is known.', examples: ['cust_42_1714000000000'] })),
  matched: oneOf(['email', 'email_prefix', 'customer_key', 'customer_key_prefix', 'click_id', 'stripe_object', 'stripe_event', 'transaction'], {
    description: 'What of the customer is what was searched for.', examples: ['email']
  }),
  firstSeenAt: Timestamp,
  lastSeenAt: Timestamp,
  sales: Type.Array(ref(FoundSales), { description: 'What the customer paid, by currency.' }),
  needsAttention: Type.Integer({ description: 'How many of the customer\'s facts need attention.', examples: [0] })
}, {
  $id: 'FoundCustomer',
  title: 'Found customer',
  description: 'A customer that a search found, and why.',
  additionalProperties: false
})
export type FoundCustomer = Static<typeof FoundCustomer>

export const CustomerSearch = Type.Object({
  customers: Type.Array(ref(FoundCustomer), { description: 'At most 20, the closest first; none when nothing is known of what was searched for.' }),
  truncated: Type.Boolean({ description: 'Whether there are more than these.', examples: [false] })
}, {
  $id: 'CustomerSearch',
  title: 'Customer search',
  description: 'The customers that something belongs to.',
  additionalProperties: false
})
export type CustomerSearch = Static<typeof CustomerSearch>

const By = Type.String({ minLength: 1, maxLength: 200, pattern: STORABLE_TEXT, description: 'Who does it, for the story.', examples: ['Grace'] })
const Note = Type.String({
  minLength: 1,
  maxLength: 2_000,
  pattern: STORABLE_TEXT,
  description: 'What was done about it, for whoever asks later.',
  examples: ['Affitor credited the partner by hand, ticket 4711.']
})
const AttentionReason = Type.String({ maxLength: 100, pattern: '^[a-z0-9_]+$', description: 'Facts that need attention for this reason.', examples: ['transaction_id_used_up'] })

export const ResolveBody = Type.Object({ note: Note, by: Type.Optional(By) }, { additionalProperties: false })

/** What may go with an action that needs no words. */
export const ActionBody = nullable(Type.Object({ by: Type.Optional(By) }, { additionalProperties: false }))

export const RetryByReasonBody = Type.Object({ reason: AttentionReason, by: Type.Optional(By) }, { additionalProperties: false })

export const ResolveByReasonBody = Type.Object({ reason: AttentionReason, note: Note, by: Type.Optional(By) }, { additionalProperties: false })

export const ChangedByReason = Type.Object({
  changed: Type.Integer({ description: 'How many facts it was done to: at most 1,000 a call.', examples: [12] }),
  remaining: Type.Integer({ description: 'How many of this reason still need attention; call again while there are some.', examples: [0] })
}, {
  $id: 'ChangedByReason',
  title: 'Changed by reason',
  description: 'What was done to all facts of one reason.',
  additionalProperties: false
})
export type ChangedByReason = Static<typeof ChangedByReason>

export const AttentionGroup = Type.Object({
  kind: oneOf(['fact', 'stripe_event'], { description: 'Tracking events, or Stripe events that could not be read.', examples: ['fact'] }),
  reason: Reason('transaction_id_used_up', 'Why they need attention, for a program.'),
  explanation: nullable(Type.String({
    description: 'The reason in words.',
    examples: ['An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing.']
  })),
  advice: nullable(Type.String({ description: 'What a person does now.', examples: ['Look in Affitor for a commission of this sale. If there is one, resolve.'] })),
  retryable: Type.Boolean({ description: 'Whether sending or reading them again may help.', examples: [true] }),
  count: Type.Integer({ description: 'How many there are.', examples: [3] }),
  oldestSince: Timestamp
}, {
  $id: 'AttentionGroup',
  title: 'Attention group',
  description: 'What needs attention for one reason.',
  additionalProperties: false
})
export type AttentionGroup = Static<typeof AttentionGroup>

export const Attention = Type.Object({
  groups: Type.Array(ref(AttentionGroup), { description: 'Those with the most first.' })
}, {
  $id: 'Attention',
  title: 'Attention',
  description: 'What needs a person, by reason.',
  additionalProperties: false
})
export type Attention = Static<typeof Attention>
