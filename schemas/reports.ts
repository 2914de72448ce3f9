import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import { nullable, oneOf, ref, Timestamp } from './common.js'

export const Period = oneOf(['1h', '24h', '7d', '30d'], {
  $id: 'Period',
  title: 'Period',
  description: 'How far back a report looks, to now.',
  examples: ['24h']
})
export type Period = Static<typeof Period>

export const ReportQuery = Type.Object({
  period: Type.Optional(ref(Period))
}, { additionalProperties: false })

const Count = (description: string, example: number) => Type.Integer({ minimum: 0, description, examples: [example] })
const Cents = (description: string, example: number) => Type.Integer({
  description: `${description}, in the currency's smallest unit.`, examples: [example]
})

export const CurrencyFunnel = Type.Object({
  currency: Type.String({ description: 'ISO 4217 code, upper case.', examples: ['USD'] }),
  sales: Count('Payments.', 12),
  attributedSales: Count('Payments that earned a partner a commission.', 9),
  revenueCents: Cents('What was paid', 58800),
  refundedCents: Cents('What was given back', 4900),
  commissionCents: nullable(Type.Integer({
    description: 'What partners earned, less what refunds took back, in the currency\'s smallest unit. An estimate by ' +
      'COMMISSION_PERCENT: Affitor does not tell it. Null when that is not configured; negative when more was taken back than earned.',
    examples: [7840]
  }))
}, {
  $id: 'CurrencyFunnel',
  title: 'Currency funnel',
  description: 'Payments in one currency.',
  additionalProperties: false
})
export type CurrencyFunnel = Static<typeof CurrencyFunnel>

export const TrackingFunnel = Type.Object({
  period: ref(Period),
  since: Timestamp,
  leads: Count('Signups.', 80),
  referredLeads: Count('Signups that came with a partner\'s click.', 31),
  checkouts: Count('Checkout Sessions that were created.', 20),
  sales: Count('Payments, in all currencies; those that the invoice and the session both tell of count once.', 12),
  currencies: Type.Array(ref(CurrencyFunnel), { description: 'By currency, the one with most sales first.' })
}, {
  $id: 'TrackingFunnel',
  title: 'Tracking funnel',
  description: 'What came of visitors in a period.',
  additionalProperties: false
})
export type TrackingFunnel = Static<typeof TrackingFunnel>

export const DeliveryBucket = Type.Object({
  at: Timestamp,
  answered: Count('Calls that Affitor gave a final answer to, a refusal included.', 14),
  failed: Count('Calls that have to be made again: no answer, a refused key, a rate limit, or an error of Affitor\'s.', 1)
}, {
  $id: 'DeliveryBucket',
  title: 'Delivery bucket',
  description: 'Calls to Affitor that ended from `at` on.',
  additionalProperties: false
})
export type DeliveryBucket = Static<typeof DeliveryBucket>

export const DeliveryReport = Type.Object({
  period: ref(Period),
  since: Timestamp,
  bucketSeconds: Type.Integer({ description: 'Length of a bucket in seconds.', examples: [900] }),
  buckets: Type.Array(ref(DeliveryBucket), { description: 'Oldest first, without gaps.' })
}, {
  $id: 'DeliveryReport',
  title: 'Delivery report',
  description: 'Calls to Affitor over time.',
  additionalProperties: false
})
export type DeliveryReport = Static<typeof DeliveryReport>

export const ProgramStatus = Type.Object({
  programId: Type.String({ description: 'The configured program.', examples: ['42'] }),
  state: Type.String({
    description: 'How far the program is, in Affitor\'s words: `draft`, `configuring`, `ready`, `integration_verified` or `live_verified`.',
    examples: ['live_verified']
  }),
  blocker: nullable(Type.String({ description: 'What Affitor waits for; null when nothing is missing.', examples: [null, 'payout'] })),
  clicks24h: nullable(Type.Integer({ description: 'Clicks on partners\' links in the last 24 hours; null when Affitor does not tell.', examples: [412] })),
  checkedAt: Timestamp
}, {
  $id: 'ProgramStatus',
  title: 'Program status',
  description: 'What Affitor says of the program.',
  additionalProperties: false
})
export type ProgramStatus = Static<typeof ProgramStatus>
