import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { StripeEventPage, StripeEventParams, StripeEventQuery, StripeEventRecord } from '../../../schemas/tracking.js'
import { ApiError } from '../../errors.js'
import { findStripeEvent, listStripeEvents, requeueStripeEvents } from '../../ledger/stripe-events.js'
import { BODY_LIMIT } from '../limits.js'
import { nextCursor, presentStripeEvent } from './presenters.js'

const shared = { tags: ['tracking'], security: [{ operatorToken: [] }] }

export const listStripeEventsSchema = {
  ...shared,
  operationId: 'listStripeEvents',
  summary: 'List stored Stripe events',
  description: 'Newest first, a page at a time, each with what was made of it and why.',
  querystring: StripeEventQuery,
  response: { 200: ref(StripeEventPage), ...errorResponses(401) }
} satisfies FastifySchema

export const retryStripeEventSchema = {
  ...shared,
  operationId: 'retryStripeEvent',
  summary: 'Read a Stripe event again',
  description: 'Has a stored event interpreted again at once, after a rule or a setting has changed. A fact that is in the ledger stays as it is.',
  params: StripeEventParams,
  response: { 202: ref(StripeEventRecord), ...errorResponses(401, 403, 404, 409, 413, 415) }
} satisfies FastifySchema

const stripeEventRoutes: FastifyPluginAsyncTypebox = async app => {
  app.get('/stripe-events', { schema: listStripeEventsSchema }, async request => {
    const { limit = 50, ...filter } = request.query
    const rows = await listStripeEvents(app.db, { ...filter, limit })
    return { events: rows.map(presentStripeEvent), nextCursor: nextCursor(rows, limit, row => row.seq) }
  })

  app.post('/stripe-events/:id/retry', {
    bodyLimit: BODY_LIMIT,
    schema: retryStripeEventSchema
  }, async (request, reply) => {
    const { id } = request.params
    const requeued = await requeueStripeEvents(app.db, { ids: [id] })
    const event = await findStripeEvent(app.db, id)
    if (event === undefined) throw new ApiError('NOT_FOUND', `There is no Stripe event ${id}.`)
    if (requeued === 0) throw new ApiError('NOT_RETRYABLE', `Stripe event ${id} waits to be read already.`)
    app.notifier.notify('stripe_events')
    return await reply.code(202).send(presentStripeEvent(event))
  })
}

export default stripeEventRoutes
