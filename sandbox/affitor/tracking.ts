import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import cors from '@fastify/cors'
import { errorBody, failureBody, INVALID_TOKEN } from './answers.js'
import type { Answer } from './answers.js'
import type { Behaviour } from './behaviour.js'
import type { TrackingCall, TrackingEndpoint } from './calls.js'
import type { SandboxContext, TrackingCallInput } from './context.js'
import { drop, dropWhileAway } from './drop.js'
import type { Program } from './program.js'
import { asBody } from './read.js'
import { trackClick } from './routes/click.js'
import { trackLead } from './routes/lead.js'
import { trackRefund } from './routes/refund.js'
import { trackSale } from './routes/sale.js'
import type { AffitorState } from './state.js'
import { TRACKER_PATH, trackerRoute } from './tracker.js'

type Track = (state: AffitorState, program: Program, input: TrackingCallInput) => Answer

const BASE = '/api/v1/track'
const BROWSER_PATHS = new Set([`${BASE}/click`, `${BASE}/lead`, TRACKER_PATH])

/** The endpoints that a storefront's page calls: open to every origin. */
export async function browserRoutes (app: FastifyInstance, context: SandboxContext): Promise<void> {
  // The plugin's preflight route answers for every path, so the paths are checked here: a web page
  // must not get at the control surface.
  await app.register(cors, {
    delegator: (request, callback) => {
      const path = request.url?.split('?', 1)[0] ?? ''
      callback(null, { origin: BROWSER_PATHS.has(path) ? '*' : false, methods: ['GET', 'POST'], maxAge: 600 })
    }
  })
  trackerRoute(app, dropWhileAway(context.behaviours))
  trackingRoute(app, context, 'click', trackClick)
  trackingRoute(app, context, 'lead', trackLead)
}

/** The endpoints that only a backend may call. */
export async function serverRoutes (app: FastifyInstance, context: SandboxContext): Promise<void> {
  trackingRoute(app, context, 'sale', trackSale)
  trackingRoute(app, context, 'refund', trackRefund)
}

function trackingRoute (app: FastifyInstance, context: SandboxContext, endpoint: TrackingEndpoint, track: Track): void {
  const { state, program, behaviours, save } = context
  const path = `${BASE}/${endpoint}`
  const calls = new WeakMap<FastifyRequest, TrackingCall>()

  app.post(path, {
    onRequest: async (request) => {
      calls.set(request, state.calls.add({
        endpoint,
        path,
        body: null,
        authorization: request.headers.authorization !== undefined,
        status: null,
        recorded: false,
        at: program.now().toISOString()
      }))
    },
    onSend: async (request, reply) => {
      const call = calls.get(request)
      // A caller that has hung up was answered nothing.
      if (call !== undefined && !request.raw.socket.destroyed) call.status = reply.statusCode
    }
  }, async (request, reply) => {
    const call = calls.get(request)
    if (call !== undefined) call.body = request.body ?? null
    const behaviour = behaviours.take(endpoint, asBody(request.body))
    await behaviours.delay(behaviour)
    if (behaviour.dropConnection === 'before') return drop(request, reply)
    if (behaviour.refuseKey === true && request.headers.authorization !== undefined) {
      return await reply.code(401).send(errorBody(401, INVALID_TOKEN))
    }
    if (behaviour.page === 'before') return await sendPage(reply, behaviour)
    if (behaviour.failStatus !== undefined && behaviour.page === undefined) return await fail(reply, endpoint, behaviour.failStatus, behaviour)

    const answer = track(state, program, {
      body: asBody(request.body),
      authorization: request.headers.authorization,
      userAgent: request.headers['user-agent'],
      commissionFails: behaviour.failAfterRecording === 500
    })
    if (call !== undefined) call.recorded = answer.recorded
    if (answer.recorded) await save()
    if (behaviour.dropConnection === 'after') return drop(request, reply)
    if (behaviour.page === 'after') return await sendPage(reply, behaviour)
    // A refusal, such as the 409 that a retry gets, recorded nothing: it is answered as it is.
    if (behaviour.failAfterRecording !== undefined && answer.recorded && answer.status === 200) {
      return await fail(reply, endpoint, behaviour.failAfterRecording, behaviour)
    }
    return await reply.code(answer.status).send(answer.body)
  })
}

function sendPage (reply: FastifyReply, { failStatus = 200, retryAfterSeconds }: Behaviour): FastifyReply {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  return reply.code(failStatus).type('text/html').send('<!doctype html><title>Please wait</title><p>We will be back shortly.')
}

function fail (reply: FastifyReply, endpoint: TrackingEndpoint, status: number, { retryAfterSeconds }: Behaviour): FastifyReply {
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  return reply.code(status).send(failureBody(status, endpoint, retryAfterSeconds))
}
