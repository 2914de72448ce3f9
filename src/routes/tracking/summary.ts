import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { TrackingSummary } from '../../../schemas/tracking.js'
import { deliveryStatus } from '../../ledger/pauses.js'
import { countStripeEvents } from '../../ledger/stripe-events.js'
import { summarize } from '../../ledger/tracking-events.js'
import type { RouteContext } from '../context.js'
import { NOT_MODIFIED, operatorRoute, READ_ERRORS } from './operator-route.js'

export const summarySchema = {
  ...operatorRoute,
  operationId: 'getTrackingSummary',
  summary: 'Summarise the ledger',
  description: 'Counts of facts and of stored Stripe events by state, how long the oldest pending fact has waited, and whether delivery is paused.',
  response: { 200: ref(TrackingSummary), ...NOT_MODIFIED, ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

export interface SummaryRouteOptions extends RouteContext {
  /** Addresses of the dashboards; null where there are none. */
  dashboards: { stripe: string | null, affitor: string | null }
}

const summaryRoute: FastifyPluginAsyncTypebox<SummaryRouteOptions> = async (app, { db, document, dashboards }) => {
  app.get('/summary', { schema: document(summarySchema) }, async () => ({
    ...await summarize(db),
    stripeEvents: await countStripeEvents(db),
    delivery: await deliveryStatus(db),
    stripeDashboard: dashboards.stripe,
    affitorDashboard: dashboards.affitor
  }))
}

export default summaryRoute
