import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { CLICK_ID_MAX_LENGTH, described, Email, oneOf } from './common.js'

export const AmountCents = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Amount in the currency\'s smallest unit (cents; whole units for zero-decimal currencies).',
  examples: [4900]
})
const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code, upper case.', examples: ['USD'] })
const Version = Type.Literal(1, { description: 'Version of this shape.' })
const OptionalClickId = Type.Optional(Type.String({ maxLength: CLICK_ID_MAX_LENGTH, description: 'Affitor\'s click id.', examples: ['cust_42_1714000000000'] }))

export const LeadPayload = Type.Object({
  v: Version,
  clickId: OptionalClickId,
  email: Type.Optional(Type.String({ maxLength: Email.maxLength as number, description: 'The user\'s e-mail.', examples: ['ada@example.com'] }))
}, {
  $id: 'LeadPayload',
  title: 'Lead payload',
  description: 'What Affitor is told of a signup.',
  additionalProperties: false
})
export type LeadPayload = Static<typeof LeadPayload>

export const SalePayload = Type.Object({
  v: Version,
  amountCents: AmountCents,
  currency: Currency,
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
  title: 'Sale payload',
  description: 'What Affitor is told of a payment.',
  // A product or a note why there is none, never both.
  examples: [{ v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false, clickId: 'cust_42_1714000000000', productId: 'prod_NWjs8kKbJWmuuc' }],
  additionalProperties: false
})
export type SalePayload = Static<typeof SalePayload>

export const RefundPayload = Type.Object({
  v: Version,
  amountCents: AmountCents,
  currency: described(Currency, 'That of the sale: ISO 4217 code, upper case. Not sent.'),
  full: Type.Boolean({ description: 'True when this one refund gives the whole sale back: Affitor reverses the commission.', examples: [false] }),
  refundReason: Type.Optional(Type.String({ description: 'Stripe\'s reason.', examples: ['requested_by_customer'] }))
}, {
  $id: 'RefundPayload',
  title: 'Refund payload',
  description: 'What Affitor is told of money given back.',
  additionalProperties: false
})
export type RefundPayload = Static<typeof RefundPayload>

/** What was stored by a version of the program that this one does not know, such as a newer one before it was taken back. */
export const UnreadablePayload = Type.Unsafe<Record<string, unknown>>(Type.Object({}, {
  $id: 'UnreadablePayload',
  title: 'Unreadable payload',
  description: 'A payload of no known version, as it is stored.',
  additionalProperties: true
}))
export type UnreadablePayload = Static<typeof UnreadablePayload>
