import { Type } from '@sinclair/typebox'
import type { Static, TSchema } from '@sinclair/typebox'

// The shapes of everything the stand-in stores. The state file is checked against them when it is
// read, because a person may have edited it.

const Id = Type.Integer({ minimum: 1 })
const Time = Type.String({ description: 'ISO 8601, UTC' })
const OrNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Text = Type.String()

const ClickSchema = Type.Object({
  id: Id, customerId: Id, clickId: Text, partnerCode: Text, affiliateUrl: Text, pageUrl: OrNull(Text), referrerUrl: OrNull(Text), userAgent: OrNull(Text), at: Time
})

const CustomerSchema = Type.Object({
  id: Id,
  clickId: Text,
  programId: Text,
  partnerCode: Text,
  status: Type.Union([Type.Literal('click'), Type.Literal('lead'), Type.Literal('conversion')]),
  customerKey: OrNull(Text),
  emailHash: OrNull(Text),
  firstClickAt: Time,
  lastClickAt: Time
})

const LeadSchema = Type.Object({
  id: Id, customerId: Id, customerKey: OrNull(Text), provisional: Type.Boolean(), eventName: OrNull(Text), at: Time
})

const SaleSchema = Type.Object({
  id: Id,
  transactionId: Text,
  customerId: Id,
  customerKey: OrNull(Text),
  amountCents: Type.Integer({ minimum: 1 }),
  currency: Text,
  saleType: Type.Union([Type.Literal('payment'), Type.Literal('subscription')]),
  isRecurring: Type.Boolean(),
  subscriptionId: OrNull(Text),
  subscriptionInterval: OrNull(Type.Union([Type.Literal('monthly'), Type.Literal('quarterly'), Type.Literal('annual')])),
  productId: OrNull(Text),
  commissionId: OrNull(Id),
  at: Time
})

const CommissionSchema = Type.Object({
  id: Id,
  saleId: Id,
  partnerCode: Text,
  amountCents: Type.Integer({ minimum: 0 }),
  currency: Text,
  status: Type.Union([Type.Literal('pending'), Type.Literal('reversed'), Type.Literal('refunded')]),
  deductedCents: Type.Integer({ minimum: 0 }),
  at: Time
})

const RefundSchema = Type.Object({
  id: Id,
  saleId: Id,
  commissionId: Id,
  transactionId: Text,
  amountCents: Type.Integer({ minimum: 1 }),
  status: Type.Union([Type.Literal('reversed'), Type.Literal('refunded')]),
  deductionCents: Type.Integer({ minimum: 0 }),
  reason: OrNull(Text),
  at: Time
})

const TestEventSchema = Type.Object({
  id: Id,
  kind: Type.Union([Type.Literal('click'), Type.Literal('lead'), Type.Literal('sale'), Type.Literal('refund')]),
  programId: OrNull(Type.Union([Type.Integer(), Text])),
  transactionId: OrNull(Text),
  at: Time
})

const Verdict = Type.Union([Type.Literal('attributed'), Type.Literal('unattributed'), Type.Literal('wrong_partner'), Type.Literal('pending')])

const ChainSchema = Type.Object({
  customerKey: Text, verdict: Type.Object({ click: Verdict, lead: Verdict, sale: Verdict }), at: Time
})

/** All records, in the order in which they were made. */
export const RecordsSchema = Type.Object({
  clicks: Type.Array(ClickSchema),
  customers: Type.Array(CustomerSchema),
  leads: Type.Array(LeadSchema),
  sales: Type.Array(SaleSchema),
  commissions: Type.Array(CommissionSchema),
  refunds: Type.Array(RefundSchema),
  testEvents: Type.Array(TestEventSchema),
  chains: Type.Array(ChainSchema)
})

export type Click = Static<typeof ClickSchema>
export type Customer = Static<typeof CustomerSchema>
export type Lead = Static<typeof LeadSchema>
export type Sale = Static<typeof SaleSchema>
export type Commission = Static<typeof CommissionSchema>
export type Refund = Static<typeof RefundSchema>
export type TestEvent = Static<typeof TestEventSchema>
export type Chain = Static<typeof ChainSchema>
export type Records = Static<typeof RecordsSchema>
