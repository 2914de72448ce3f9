import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { ClickId, CustomerKey, described, Email, oneOf, ref, STORABLE_TEXT, Timestamp } from './common.js'
import { StripeEventData } from './stripe-webhook.js'
import { AmountCents } from './tracking.js'

/** An id that the caller, or its payment provider, has given. */
function id (description: string, example: string) {
  return Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_TEXT, description, examples: [example] })
}

const ReportedClickId = Type.Optional(described(ClickId, 'What `window.affitor.getClickId()` returned in the visitor\'s browser. Null, empty or absent: none is known.'))

export const LeadReport = Type.Object({
  customerKey: CustomerKey,
  email: Type.Optional(Type.String({ ...Email, examples: ['grace@example.com'] })),
  clickId: ReportedClickId
}, {
  $id: 'LeadReport',
  title: 'Lead report',
  description: 'A customer signed up. One lead a customer: the customer key is its key.',
  additionalProperties: false
})
export type LeadReport = Static<typeof LeadReport>

export const SaleReport = Type.Object({
  customerKey: CustomerKey,
  transactionId: id('Your unique id of the payment; the key of the sale.', 'order_1001'),
  amountCents: AmountCents,
  currency: Type.String({ pattern: '^[A-Za-z]{3,3}$', description: 'ISO 4217 code.', examples: ['USD'] }),
  saleType: Type.Optional(oneOf(['payment', 'subscription'], {
    description: 'One-time payment, or payment for a subscription. Default: `subscription` when there is a `subscriptionId`.', examples: ['subscription']
  })),
  isRecurring: Type.Optional(Type.Boolean({ description: 'True for a renewal: from the second payment of a subscription on. Default: false.', examples: [false] })),
  subscriptionId: Type.Optional(id('Id of the subscription.', 'subscription_7')),
  subscriptionInterval: Type.Optional(oneOf(['monthly', 'quarterly', 'annual'], { description: 'How often the subscription is billed.', examples: ['monthly'] })),
  productId: Type.Optional(id('What was bought, for commission policies by product.', 'pro-plan')),
  occurredAt: Type.Optional(described(Timestamp, 'When it was paid; at most 400 days back and 5 minutes ahead. Default: now.'))
}, {
  $id: 'SaleReport',
  title: 'Sale report',
  description: 'A customer paid.',
  // Without a time: what was paid at an example's would one day be too long ago.
  examples: [{
    customerKey: CustomerKey.examples[0],
    transactionId: 'order_1001',
    amountCents: 4900,
    currency: 'USD',
    saleType: 'subscription',
    isRecurring: false,
    subscriptionId: 'subscription_7',
    subscriptionInterval: 'monthly',
    productId: 'pro-plan'
  }],
  additionalProperties: false
})
export type SaleReport = Static<typeof SaleReport>

export const RefundReport = Type.Object({
  saleTransactionId: id('The `transactionId` of the sale.', 'order_1001'),
  refundId: Type.Optional(id('Your unique id of the refund; its key. Without it, the sale has but this one refund.', 'refund_55')),
  amountCents: Type.Optional(described(AmountCents, 'What was given back, in the currency\'s smallest unit. Default: all that is left of the sale.')),
  reason: Type.Optional(Type.String({ maxLength: 500, pattern: STORABLE_TEXT, description: 'Why, for the record.', examples: ['requested_by_customer'] }))
}, {
  $id: 'RefundReport',
  title: 'Refund report',
  description: 'Money of a sale was given back.',
  additionalProperties: false
})
export type RefundReport = Static<typeof RefundReport>

export const AttributionRequest = Type.Object({
  customerKey: CustomerKey,
  clickId: Type.Optional(described(ClickId, 'The click that brought the customer. Null, empty or absent: that of the customer\'s lead, if there is one.'))
}, {
  $id: 'AttributionRequest',
  title: 'Attribution request',
  description: 'Whose a payment is going to be.',
  additionalProperties: false
})
export type AttributionRequest = Static<typeof AttributionRequest>

export const AttributionMetadata = Type.Object({
  affitor_customer_key: CustomerKey,
  program_id: Type.String({ description: 'Affitor\'s id of the program.', examples: ['42'] }),
  affitor_click_id: Type.Optional(Type.String({ description: 'The click that brought the customer; absent when none is known.', examples: ['cust_42_1714000000000'] }))
}, {
  $id: 'AttributionMetadata',
  title: 'Attribution metadata',
  description: 'Metadata for Stripe objects, by which their payments are attributed.',
  additionalProperties: false
})
export type AttributionMetadata = Static<typeof AttributionMetadata>

export const StripeEventReport = Type.Object({
  object: Type.Literal('event', { description: 'A snapshot event, not a thin one.' }),
  id: Type.String({ pattern: '^[A-Za-z0-9_]{1,255}$', description: 'Stripe\'s id of the event.', examples: ['evt_1NG8Du2eZvKYlo2C'] }),
  type: Type.String({ maxLength: 255, pattern: STORABLE_TEXT, description: 'Stripe\'s event type.', examples: ['checkout.session.completed'] }),
  account: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_]{1,255}$', description: 'The connected account that it is of.', examples: ['acct_1Nv0FGQ9RKHgCVdK'] })),
  data: Type.Optional(ref(StripeEventData))
}, {
  $id: 'StripeEventReport',
  title: 'Stripe event report',
  description: 'An event as Stripe sent it, whole.',
  additionalProperties: true
})
export type StripeEventReport = Static<typeof StripeEventReport>

export const StripeEventReceipt = Type.Object({
  received: Type.Literal(true, { description: 'The event is stored for good, or is of a type that is not needed.' }),
  stored: Type.Boolean({ description: 'Whether it was stored now: false when it was there already, or is not needed.', examples: [true] })
}, {
  $id: 'StripeEventReceipt',
  title: 'Stripe event receipt',
  description: 'What became of a reported Stripe event.',
  additionalProperties: false
})
export type StripeEventReceipt = Static<typeof StripeEventReceipt>
