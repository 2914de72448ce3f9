import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses } from '../../../schemas/error.js'
import { TrackingEvent, TrackingEventPage, TrackingEventParams, TrackingEventQuery } from '../../../schemas/tracking.js'
import { ApiError } from '../../errors.js'
import { findTrackingEvent, holdTrackingEvent, listTrackingEvents, retryTrackingEvent, whyNotRetryable } from '../../ledger/tracking-events.js'
import { BODY_LIMIT } from '../limits.js'
import { nextCursor, presentTrackingEvent } from './presenters.js'

const shared = { tags: ['tracking'], security: [{ operatorToken: [] }] }

export const listTrackingEventsSchema = {
  ...shared,
  operationId: 'listTrackingEvents',
  summary: 'List tracking events',
  description: 'Newest first, a page at a time.',
  querystring: TrackingEventQuery,
  response: { 200: ref(TrackingEventPage), ...errorResponses(401) }
} satisfies FastifySchema

export const trackingEventSchema = {
  ...shared,
  operationId: 'getTrackingEvent',
  summary: 'Get a tracking event',
  description: 'One fact, and what became of it.',
  params: TrackingEventParams,
  response: { 200: ref(TrackingEvent), ...errorResponses(401, 404) }
} satisfies FastifySchema

export const retryTrackingEventSchema = {
  ...shared,
  operationId: 'retryTrackingEvent',
  summary: 'Send a tracking event again',
  description: 'For events that need attention, were refused, or were not attributed: the next attempt is made at once. ' +
    'With a sale go the refunds that ended because of it. 409 where sending again would be wrong: `retryable` tells before.',
  params: TrackingEventParams,
  response: { 202: ref(TrackingEvent), ...errorResponses(401, 403, 404, 409, 413, 415) }
} satisfies FastifySchema

export const holdTrackingEventSchema = {
  ...shared,
  operationId: 'holdTrackingEvent',
  summary: 'Take a tracking event out of line',
  description: 'For pending events: it needs attention then, and its customer\'s later ones go on, but for refunds of a sale ' +
    'that was taken out. 409 while it is being sent. A retry sends it after all.',
  params: TrackingEventParams,
  response: { 200: ref(TrackingEvent), ...errorResponses(401, 403, 404, 409, 413, 415) }
} satisfies FastifySchema

const trackingEventRoutes: FastifyPluginAsyncTypebox = async app => {
  app.get('/events', { schema: listTrackingEventsSchema }, async request => {
    const { limit = 50, ...filter } = request.query
    const rows = await listTrackingEvents(app.db, { ...filter, limit })
    return { events: rows.map(presentTrackingEvent), nextCursor: nextCursor(rows, limit, row => row.id) }
  })

  app.get('/events/:id', { schema: trackingEventSchema }, async request => {
    const row = await findTrackingEvent(app.db, request.params.id)
    if (row === undefined) throw new ApiError('NOT_FOUND', `There is no tracking event ${request.params.id}.`)
    return presentTrackingEvent(row)
  })

  app.post('/events/:id/retry', {
    bodyLimit: BODY_LIMIT,
    schema: retryTrackingEventSchema
  }, async (request, reply) => {
    const { id } = request.params
    const result = await retryTrackingEvent(app.db, id)
    if (result === undefined) throw new ApiError('NOT_FOUND', `There is no tracking event ${id}.`)
    if (!result.retried) throw new ApiError('NOT_RETRYABLE', `Tracking event ${id} is not sent again. ${whyNotRetryable(result.event) ?? ''}`)
    app.notifier.notify('tracking_events')
    return await reply.code(202).send(presentTrackingEvent(result.event))
  })

  app.post('/events/:id/hold', {
    bodyLimit: BODY_LIMIT,
    schema: holdTrackingEventSchema
  }, async request => {
    const { id } = request.params
    const result = await holdTrackingEvent(app.db, id)
    if (result === undefined) throw new ApiError('NOT_FOUND', `There is no tracking event ${id}.`)
    const { event, held } = result
    if (!held) {
      throw new ApiError('NOT_HOLDABLE', event.state === 'pending'
        ? `Tracking event ${id} is being sent right now. Try again when its answer is there.`
        : `Tracking event ${id} is ${event.state}; only pending events can be taken out of line.`)
    }
    app.notifier.notify('tracking_events')
    return presentTrackingEvent(event)
  })
}

export default trackingEventRoutes
