import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../../schemas/common.js'
import { errorResponses, notFound } from '../../../schemas/error.js'
import { ActionBody, ResolveBody } from '../../../schemas/operator.js'
import { StripeEventPage, StripeEventParams, StripeEventQuery, StripeEventRecord } from '../../../schemas/tracking.js'
import { ApiError } from '../../errors.js'
import { recordAction, resolve } from '../../ledger/operator-actions.js'
import { findStripeEvent, listStripeEvents, requeueStripeEvents } from '../../ledger/stripe-events.js'
import type { StripeEventRow } from '../../ledger/stripe-events.js'
import type { RouteContext } from '../context.js'
import { BODY_LIMIT } from '../limits.js'
import { operatorRoute, READ_ERRORS, WRITE_ERRORS } from './operator-route.js'
import { nextCursor, presentStripeEvent } from './presenters.js'

const NO_SUCH_EVENT = notFound('StripeEvent', 'There is no Stripe event evt_1NG8Du2eZvKYlo2C.')

export const listStripeEventsSchema = {
  ...operatorRoute,
  operationId: 'listStripeEvents',
  summary: 'List stored Stripe events',
  description: 'Newest first, a page at a time, each with what was made of it and why.',
  querystring: StripeEventQuery,
  response: { 200: ref(StripeEventPage), ...errorResponses(...READ_ERRORS) }
} satisfies FastifySchema

export const stripeEventSchema = {
  ...operatorRoute,
  operationId: 'getStripeEvent',
  summary: 'Get a stored Stripe event',
  description: 'One event, what was made of it and why.',
  params: StripeEventParams,
  response: { 200: ref(StripeEventRecord), ...errorResponses(...READ_ERRORS, NO_SUCH_EVENT) }
} satisfies FastifySchema

export const retryStripeEventSchema = {
  ...operatorRoute,
  operationId: 'retryStripeEvent',
  summary: 'Read a Stripe event again',
  description: 'Has a stored event interpreted again at once, after a rule or a setting has changed. A fact that is in the ledger stays as it is.',
  params: StripeEventParams,
  body: ActionBody,
  response: { 202: ref(StripeEventRecord), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_RETRYABLE') }
} satisfies FastifySchema

export const resolveStripeEventSchema = {
  ...operatorRoute,
  operationId: 'resolveStripeEvent',
  summary: 'Say that a person has dealt with a Stripe event',
  description: 'For events that could not be read: it no longer needs attention, and stays in the story with the note. ' +
    'Reading it again, or reopening it, undoes that. 409 when it needs no attention.',
  params: StripeEventParams,
  body: ResolveBody,
  response: { 200: ref(StripeEventRecord), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_RESOLVABLE') }
} satisfies FastifySchema

export const reopenStripeEventSchema = {
  ...operatorRoute,
  operationId: 'reopenStripeEvent',
  summary: 'Have a Stripe event need attention again',
  description: 'Undoes its resolution. 409 when it is not resolved.',
  params: StripeEventParams,
  body: ActionBody,
  response: { 200: ref(StripeEventRecord), ...errorResponses(...WRITE_ERRORS, NO_SUCH_EVENT, 'NOT_RESOLVABLE') }
} satisfies FastifySchema

const stripeEventRoutes: FastifyPluginAsyncTypebox<RouteContext> = async (app, { db, notifier, document }) => {
  app.get('/stripe-events', { schema: document(listStripeEventsSchema) }, async request => {
    const { limit = 50, ...filter } = request.query
    const rows = await listStripeEvents(db, { ...filter, limit })
    return { events: rows.map(presentStripeEvent), nextCursor: nextCursor(rows, limit, row => row.seq) }
  })

  app.get('/stripe-events/:id', { schema: document(stripeEventSchema) }, async request => {
    return presentStripeEvent(await found(request.params.id))
  })

  // From the first to the last each leads to the state that the next one is for: whoever tries them out goes on.
  app.post('/stripe-events/:id/resolve', {
    bodyLimit: BODY_LIMIT,
    schema: document(resolveStripeEventSchema)
  }, async request => {
    const { id } = request.params
    const resolved = await resolve(db, { stripeEventId: id }, { action: 'resolve', ...request.body })
    const event = await found(id)
    if (!resolved) throw new ApiError('NOT_RESOLVABLE', `Stripe event ${id} is ${event.state}; only failed events can be resolved.`)
    return presentStripeEvent(event)
  })

  app.post('/stripe-events/:id/reopen', {
    bodyLimit: BODY_LIMIT,
    schema: document(reopenStripeEventSchema)
  }, async request => {
    const { id } = request.params
    const reopened = await resolve(db, { stripeEventId: id }, { action: 'reopen', ...request.body })
    const event = await found(id)
    if (!reopened) throw new ApiError('NOT_RESOLVABLE', `Stripe event ${id} is ${event.state}; only resolved events can be reopened.`)
    return presentStripeEvent(event)
  })

  app.post('/stripe-events/:id/retry', {
    bodyLimit: BODY_LIMIT,
    schema: document(retryStripeEventSchema)
  }, async (request, reply) => {
    const { id } = request.params
    const requeued = await requeueStripeEvents(db, { ids: [id] })
    const event = await found(id)
    if (requeued === 0) throw new ApiError('NOT_RETRYABLE', `Stripe event ${id} waits to be read already.`)
    await recordAction(db, { stripeEventId: id }, { action: 'retry', by: request.body?.by })
    notifier.notify('stripe_events')
    return await reply.code(202).send(presentStripeEvent(event))
  })

  async function found (id: string): Promise<StripeEventRow> {
    const row = await findStripeEvent(db, id)
    if (row === undefined) throw new ApiError('NOT_FOUND', `There is no Stripe event ${id}.`)
    return row
  }
}

export default stripeEventRoutes
