import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { StripeEventPage, StripeEventQuery } from '../../../schemas/tracking.js'
import { listStripeEvents } from '../../ledger/stripe-events.js'
import { nextCursor, presentStripeEvent } from './presenters.js'

export const listStripeEventsSchema = {
  tags: ['tracking'],
  security: [{ operatorToken: [] }],
  operationId: 'listStripeEvents',
  summary: 'List stored Stripe events',
  description: 'Newest first, a page at a time, each with what was made of it and why.',
  querystring: StripeEventQuery,
  response: { 200: ref(StripeEventPage), ...errorResponses(401) }
} satisfies FastifySchema

const stripeEventRoutes: FastifyPluginAsyncTypebox = async app => {
  app.get('/stripe-events', { schema: listStripeEventsSchema }, async request => {
    const { limit = 50, ...filter } = request.query
    const rows = await listStripeEvents(app.db, { ...filter, limit })
    return { events: rows.map(presentStripeEvent), nextCursor: nextCursor(rows, limit, row => row.seq) }
  })
}

export default stripeEventRoutes
