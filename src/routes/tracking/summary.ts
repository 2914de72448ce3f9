import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { TrackingSummary } from '../../../schemas/tracking.js'
import { deliveryStatus } from '../../ledger/pauses.js'
import { countStripeEvents } from '../../ledger/stripe-events.js'
import { summarize } from '../../ledger/tracking-events.js'

export const summarySchema = {
  tags: ['tracking'],
  security: [{ operatorToken: [] }],
  operationId: 'getTrackingSummary',
  summary: 'Summarise the ledger',
  description: 'Counts of facts and of stored Stripe events by state, how long the oldest pending fact has waited, and whether delivery is paused.',
  response: { 200: ref(TrackingSummary), ...errorResponses(401) }
} satisfies FastifySchema

const summaryRoute: FastifyPluginAsyncTypebox = async app => {
  app.get('/summary', { schema: summarySchema }, async () => ({
    ...await summarize(app.db),
    stripeEvents: await countStripeEvents(app.db),
    delivery: await deliveryStatus(app.db)
  }))
}

export default summaryRoute
