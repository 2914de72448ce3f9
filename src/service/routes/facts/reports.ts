import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifySchema } from 'fastify'
import { ref } from '../../../../schemas/common.js'
import { errorResponses, notFound } from '../../../../schemas/error.js'
import { LeadReport, RefundReport, SaleReport } from '../../../../schemas/facts.js'
import { LeadEvent, RefundEvent, SaleEvent } from '../../../../schemas/tracking-event.js'
import type { TrackingEvent } from '../../../../schemas/tracking-event.js'
import { ApiError } from '../../../errors.js'
import { CustomerBusyError, FactRefusedError, openReports } from '../../../ledger/report-facts.js'
import type { ToldFact } from '../../../ledger/report-facts.js'
import { BODY_LIMIT } from '../../../routes/limits.js'
import { presentTrackingEvent } from '../../../routes/tracking/presenters.js'
import { logFactReported } from '../../../observability/fact-end.js'
import { FACT_ERRORS, factRoute } from './fact-route.js'

const SAME_KEY = '200 when it was there already with the same content, so a request whose answer was lost is sent again as it was; ' +
  '409 when it was there with other content, whoever brought it. A field that is left out is not compared.'

export const reportLeadSchema = {
  ...factRoute,
  operationId: 'reportLead',
  summary: 'Report a lead',
  description: `A customer signed up. 201 once it is stored; Affitor is told from then on. ${SAME_KEY}`,
  body: ref(LeadReport),
  response: { 200: ref(LeadEvent), 201: ref(LeadEvent), ...errorResponses(...FACT_ERRORS, 'CONFLICTING_FACT') }
} satisfies FastifySchema

export const reportSaleSchema = {
  ...factRoute,
  operationId: 'reportSale',
  summary: 'Report a sale',
  description: 'A customer paid, by whatever provider. Not what Stripe tells of anyway: that would count twice, unless it is reported by the same id. ' +
    `201 once it is stored; Affitor is told from then on. ${SAME_KEY}`,
  body: ref(SaleReport),
  response: { 200: ref(SaleEvent), 201: ref(SaleEvent), ...errorResponses(...FACT_ERRORS, 'CONFLICTING_FACT', 'IMPLAUSIBLE_FACT') }
} satisfies FastifySchema

export const reportRefundSchema = {
  ...factRoute,
  operationId: 'reportRefund',
  summary: 'Report a refund',
  description: 'Money of a sale was given back, at most what is left of it. 404 while the sale is not known: report it again after the sale. ' +
    `201 once it is stored; Affitor is told from then on. ${SAME_KEY}`,
  body: ref(RefundReport),
  response: { 200: ref(RefundEvent), 201: ref(RefundEvent), ...errorResponses(...FACT_ERRORS, notFound('Sale', 'There is no sale order_1001. Report the sale first.'), 'CONFLICTING_FACT', 'IMPLAUSIBLE_FACT') }
} satisfies FastifySchema

const reportRoutes: FastifyPluginAsyncTypebox = async app => {
  const store = openReports(app.db, app.notifier)

  async function report<Fact extends ToldFact> (fact: Fact, log: FastifyBaseLogger) {
    const { event, created, differences } = await store(fact).catch((error: unknown) => { throw toApiError(error) })
    if (differences.length > 0) throw new ApiError('CONFLICTING_FACT', conflict(fact, differences))
    if (created) logFactReported(log, event)
    return { status: created ? 201 as const : 200 as const, event: presentTrackingEvent(event) as Extract<TrackingEvent, { kind: Fact['kind'] }> }
  }

  app.post('/api/leads', { bodyLimit: BODY_LIMIT, schema: reportLeadSchema }, async (request, reply) => {
    const { status, event } = await report({ kind: 'lead', ...request.body }, request.log)
    return await reply.code(status).send(event)
  })

  app.post('/api/sales', { bodyLimit: BODY_LIMIT, schema: reportSaleSchema }, async (request, reply) => {
    const { occurredAt, ...sale } = request.body
    const { status, event } = await report({ kind: 'sale', ...sale, occurredAt: occurredAt === undefined ? undefined : timeOf(occurredAt) }, request.log)
    return await reply.code(status).send(event)
  })

  app.post('/api/refunds', { bodyLimit: BODY_LIMIT, schema: reportRefundSchema }, async (request, reply) => {
    const { status, event } = await report({ kind: 'refund', ...request.body }, request.log)
    return await reply.code(status).send(event)
  })
}

/** JSON Schema takes leap seconds, which no clock of ours knows. */
function timeOf (text: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new ApiError('IMPLAUSIBLE_FACT', 'body/occurredAt must be a time that exists.')
  return time
}

function conflict (fact: ToldFact, differences: string[]): string {
  const key = fact.kind === 'lead'
    ? `The lead of customer ${fact.customerKey}`
    : fact.kind === 'sale' ? `Sale ${fact.transactionId}` : `Refund ${fact.refundId ?? `of sale ${fact.saleTransactionId}`}`
  return `${key} is stored already, and differs in: ${differences.join(', ')}.`
}

function toApiError (cause: unknown): unknown {
  if (cause instanceof CustomerBusyError) {
    return new ApiError('DATABASE_UNAVAILABLE', 'An open transaction of the database adds facts of the same customer. Try again shortly.', { cause })
  }
  if (!(cause instanceof FactRefusedError)) return cause
  // "affitor.track_sale: amount_cents must be ...", in the words of the request.
  const sentence = cause.message.replace(/^affitor\.\w+: /, '').replaceAll(/\b[a-z]+(_[a-z]+)+\b/g, name => name.replaceAll(/_[a-z]/g, part => part.charAt(1).toUpperCase()))
  if (cause.code === 'P0002') return new ApiError('NOT_FOUND', `${sentence}. Report the sale first.`, { cause })
  if (cause.code === '23505') return new ApiError('CONFLICTING_FACT', `amountCents differs: ${sentence}.`, { cause })
  return new ApiError('IMPLAUSIBLE_FACT', `body/${sentence}.`, { cause })
}

export default reportRoutes
