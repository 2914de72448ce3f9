import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { DeliveryReport, ReportQuery, TrackingFunnel } from '../../../schemas/reports.js'
import { readDeliveries, readFunnel } from '../../ledger/reports.js'
import type { RouteContext } from '../context.js'
import { NOT_MODIFIED, operatorRoute, READ_ERRORS } from './operator-route.js'

const shared = { ...operatorRoute, querystring: ReportQuery }

const DEFAULT_PERIOD = '24h'

export interface ReportRouteOptions extends RouteContext {
  /** What partners earn of a sale, in percent. */
  commissionPercent: number | undefined
}

export const funnelSchema = {
  ...shared,
  operationId: 'getTrackingFunnel',
  summary: 'Report the funnel',
  description: 'Leads, checkouts and sales of a period, with revenue, refunds and commission per currency. The last 24 hours by default.',
  response: { 200: ref(TrackingFunnel), ...NOT_MODIFIED, ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

export const deliveriesSchema = {
  ...shared,
  operationId: 'getDeliveryReport',
  summary: 'Report deliveries over time',
  description: 'How many calls to Affitor were answered and how many failed, in buckets over a period. The last 24 hours by default.',
  response: { 200: ref(DeliveryReport), ...NOT_MODIFIED, ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

const reportRoutes: FastifyPluginAsyncTypebox<ReportRouteOptions> = async (app, { db, document, commissionPercent }) => {
  app.get('/funnel', { schema: document(funnelSchema) }, async ({ query: { period = DEFAULT_PERIOD } }) => await readFunnel(db, period, commissionPercent))

  app.get('/deliveries', { schema: document(deliveriesSchema) }, async ({ query: { period = DEFAULT_PERIOD } }) => await readDeliveries(db, period))
}

export default reportRoutes
