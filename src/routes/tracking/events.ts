import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses, notFound } from '../../../schemas/error.js'
import { ActionBody, ResolveBody } from '../../../schemas/operator.js'
import { TrackingEvent, TrackingEventPage, TrackingEventParams, TrackingEventQuery } from '../../../schemas/tracking.js'
import { ApiError } from '../../errors.js'
import { recordAction, resolve } from '../../ledger/operator-actions.js'
import { findTrackingEvent, holdTrackingEvent, listTrackingEvents, retryTrackingEvent, whyNotRetryable } from '../../ledger/tracking-events.js'
import type { TrackingEventRow } from '../../ledger/tracking-events.js'
import { logFactEnd } from '../../observability/fact-end.js'
import type { RouteContext } from '../context.js'
import { BODY_LIMIT } from '../limits.js'
import { operatorRoute, READ_ERRORS, WRITE_ERRORS } from './operator-route.js'
import { nextCursor, presentTrackingEvent } from './presenters.js'

const NO_SUCH_EVENT = notFound('TrackingEvent', 'There is no tracking event 17.')

export const listTrackingEventsSchema = {
  ...operatorRoute,
  operationId: 'listTrackingEvents',
  summary: 'List tracking events',
  description: 'Newest first, a page at a time.',
  querystring: TrackingEventQuery,
  response: { 200: ref(TrackingEventPage), ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

export const trackingEventSchema = {
  ...operatorRoute,
  operationId: 'getTrackingEvent',
  summary: 'Get a tracking event',
  description: 'One fact, and what became of it.',
  params: TrackingEventParams,
  response: { 200: ref(TrackingEvent), ...errorResponses(...READ_ERRORS, NO_SUCH_EVENT) }
} satisfies FastifySchema

export const retryTrackingEventSchema = {
  ...operatorRoute,
  operationId: 'retryTrackingEvent',
  summary: 'Send a tracking event again',
  description: 'For events that need attention, were refused, or were not attributed: the next attempt is made at once. ' +
    'With a sale go the refunds that ended because of it. 409 where sending again would be wrong: `retryable` tells before.',
  params: TrackingEventParams,
  body: ActionBody,
  response: { 202: ref(TrackingEvent), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_RETRYABLE') }
} satisfies FastifySchema

export const holdTrackingEventSchema = {
  ...operatorRoute,
  operationId: 'holdTrackingEvent',
  summary: 'Take a tracking event out of line',
  description: 'For pending events: it needs attention then, and its customer\'s later ones go on, but for refunds of a sale ' +
    'that was taken out. 409 while it is being sent. A retry sends it after all.',
  params: TrackingEventParams,
  body: ActionBody,
  response: { 200: ref(TrackingEvent), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_HOLDABLE') }
} satisfies FastifySchema

export const resolveTrackingEventSchema = {
  ...operatorRoute,
  operationId: 'resolveTrackingEvent',
  summary: 'Say that a person has dealt with a tracking event',
  description: 'For events that need attention: it leaves them, and stays in the story with the note. Nothing is sent. ' +
    'A retry, or a reopening, undoes it. 409 when it needs no attention.',
  params: TrackingEventParams,
  body: ResolveBody,
  response: { 200: ref(TrackingEvent), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_RESOLVABLE') }
} satisfies FastifySchema

export const reopenTrackingEventSchema = {
  ...operatorRoute,
  operationId: 'reopenTrackingEvent',
  summary: 'Have a tracking event need attention again',
  description: 'Undoes its resolution. 409 when it is not resolved.',
  params: TrackingEventParams,
  body: ActionBody,
  response: { 200: ref(TrackingEvent), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_RESOLVABLE') }
} satisfies FastifySchema

const trackingEventRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, notifier, document }) => {
  app.get('/events', { schema: document(listTrackingEventsSchema) }, async request => {
    const { limit = 50, ...filter } = request.query
    const rows = await listTrackingEvents(db, { ...filter, limit })
    return { events: rows.map(presentTrackingEvent), nextCursor: nextCursor(rows, limit, row => row.id) }
  })

  app.get('/events/:id', { schema: document(trackingEventSchema) }, async request => {
    return presentTrackingEvent(await found(request.params.id))
  })

  // From the first to the last each leads to the state that the next one is for: whoever tries them out goes on.
  app.post('/events/:id/hold', {
    bodyLimit: BODY_LIMIT,
    schema: document(holdTrackingEventSchema)
  }, async request => {
    const { id } = request.params
    const result = await holdTrackingEvent(db, id)
    if (result === undefined) throw new ApiError('NOT_FOUND', `There is no tracking event ${id}.`)
    const { event, held } = result
    if (!held) {
      throw new ApiError('NOT_HOLDABLE', event.state === 'pending'
        ? `Tracking event ${id} is being sent right now. Try again when its answer is there.`
        : `Tracking event ${id} is ${event.state}; only pending events can be taken out of line.`)
    }
    await recordAction(db, { trackingEventId: id }, { action: 'hold', by: request.body?.by })
    logFactEnd(request.log, event)
    notifier.notify('tracking_events')
    return presentTrackingEvent(event)
  })

  app.post('/events/:id/resolve', {
    bodyLimit: BODY_LIMIT,
    schema: document(resolveTrackingEventSchema)
  }, async request => {
    const { id } = request.params
    const resolved = await resolve(db, { trackingEventId: id }, { action: 'resolve', ...request.body })
    const event = await found(id)
    if (!resolved) throw new ApiError('NOT_RESOLVABLE', `Tracking event ${id} is ${event.state}; only events that need attention can be resolved.`)
    logFactEnd(request.log, event)
    return presentTrackingEvent(event)
  })

  app.post('/events/:id/reopen', {
    bodyLimit: BODY_LIMIT,
    schema: document(reopenTrackingEventSchema)
  }, async request => {
    const { id } = request.params
    const reopened = await resolve(db, { trackingEventId: id }, { action: 'reopen', ...request.body })
    const event = await found(id)
    if (!reopened) throw new ApiError('NOT_RESOLVABLE', `Tracking event ${id} is ${event.state}; only resolved events can be reopened.`)
    return presentTrackingEvent(event)
  })

  app.post('/events/:id/retry', {
    bodyLimit: BODY_LIMIT,
    schema: document(retryTrackingEventSchema)
  }, async (request, reply) => {
    const { id } = request.params
    const result = await retryTrackingEvent(db, id)
    if (result === undefined) throw new ApiError('NOT_FOUND', `There is no tracking event ${id}.`)
    if (!result.retried) throw new ApiError('NOT_RETRYABLE', `Tracking event ${id} is not sent again. ${whyNotRetryable(result.event) ?? ''}`)
    await recordAction(db, { trackingEventId: id }, { action: 'retry', by: request.body?.by })
    notifier.notify('tracking_events')
    return await reply.code(202).send(presentTrackingEvent(result.event))
  })

  async function found (id: number): Promise<TrackingEventRow> {
    const row = await findTrackingEvent(db, id)
    if (row === undefined) throw new ApiError('NOT_FOUND', `There is no tracking event ${id}.`)
    return row
  }
}

export default trackingEventRoutes
