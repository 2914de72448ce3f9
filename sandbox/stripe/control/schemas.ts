import { Type } from '@sinclair/typebox'
import type { Static, TSchema } from '@sinclair/typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

/** The control surface's Fastify instance, whose handlers are typed by their schemas. */
export type ControlApp = FastifyInstance<
  RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider
>

/** An object without further members. */
const strict = <T extends Record<string, TSchema>>(properties: T) => Type.Object(properties, { additionalProperties: false })

const Id = Type.String({ minLength: 1, maxLength: 200 })
const Amount = Type.Integer({ minimum: 1, description: "In the currency's smallest unit" })
const Percent = Type.Number({ minimum: 0, maximum: 100 })
const terms = { discount_percent: Type.Optional(Percent), tax_percent: Type.Optional(Percent) }
const target = {
  charge: Type.Optional(Id),
  checkout_session: Type.Optional(Id),
  invoice: Type.Optional(Id),
  payment_intent: Type.Optional(Id)
}

export const IdParams = strict({ id: Id })

export const PayBody = strict({
  method: Type.Optional(Type.Union([Type.Literal('card'), Type.Literal('bank_debit')])),
  email: Type.Optional(Type.String({ minLength: 3, maxLength: 512 })),
  ...terms
})

export const PayIntentBody = strict({
  outcome: Type.Optional(Type.Union([Type.Literal('paid'), Type.Literal('failed'), Type.Literal('processing')], {
    description: '`processing`: a bank debit; pay it again as `paid` or `failed` to let it clear or fail'
  }))
})

export const RenewBody = strict({
  outcome: Type.Optional(Type.Union([Type.Literal('paid'), Type.Literal('failed')])),
  ...terms
})

export const UpgradeBody = strict({ price: Id, ...terms })

export const CancelBody = strict({ at_period_end: Type.Optional(Type.Boolean()) })

export const SubscribeBody = strict({
  price: Id,
  customer: Type.Optional(Id),
  email: Type.Optional(Type.String({ minLength: 3, maxLength: 512 })),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  quantity: Type.Optional(Type.Integer({ minimum: 1 })),
  trial_period_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 730 })),
  ...terms
})

export const PayInvoiceBody = strict({
  out_of_band: Type.Optional(Type.Boolean({ description: 'Outside of Stripe' })),
  amount: Type.Optional(Type.Integer({ minimum: 1, description: 'What of it outside of Stripe; the rest is charged. Absent: all' }))
})

export const BalanceBody = strict({
  amount: Type.Integer({ description: "A negative one is a credit; in the currency's smallest unit" }),
  currency: Type.Optional(Type.String({ pattern: '^[a-z]{3}$', description: "Absent: the customer's, or usd" }))
})

export const RefundBody = strict({
  ...target,
  amount: Type.Optional(Amount),
  reason: Type.Optional(Type.Union([
    Type.Literal('duplicate'), Type.Literal('fraudulent'), Type.Literal('requested_by_customer')
  ])),
  status: Type.Optional(Type.Union([Type.Literal('succeeded'), Type.Literal('pending')]))
})

export const SettleRefundBody = strict({ status: Type.Union([Type.Literal('succeeded'), Type.Literal('failed')]) })

export const DisputeBody = strict({ ...target, amount: Type.Optional(Amount), inquiry: Type.Optional(Type.Boolean()) })

export const CloseDisputeBody = strict({ status: Type.Union([Type.Literal('won'), Type.Literal('lost')]) })

export const CopyEventBody = strict({ account: Type.String({ pattern: '^acct_[A-Za-z0-9]+$' }) })

export const BehaviourBody = strict({
  latencyMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
  failStatus: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
  dropConnection: Type.Optional(Type.Boolean()),
  times: Type.Optional(Type.Integer({ minimum: 1 })),
  holdWebhooks: Type.Optional(Type.Boolean()),
  permissions: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z_]+_(read|write)$' }), { maxItems: 200 })),
  clockAheadSeconds: Type.Optional(Type.Integer({ minimum: -86_400, maximum: 86_400 }))
})

/** What a payment can be named by. */
export type Target = Pick<Static<typeof RefundBody>, keyof typeof target>
