import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SandboxContext } from '../context.js'
import { timestamp } from '../context.js'
import { accountHeader, asAccount, claim, visible } from '../account.js'
import { invalidRequest, resourceMissing, sendStripeError, StripeSandboxError } from '../errors.js'
import type { EventRequest } from '../events.js'
import { expand } from '../expand.js'
import { newId } from '../ids.js'
import { API_VERSION, withFirstLines } from '../objects/index.js'
import { asForm, parseForm } from '../params.js'
import type { Form } from '../params.js'
import type { StripeState } from '../state.js'
import { replay, remember } from './idempotency.js'
import { authenticate } from './authenticate.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The `req_...` id of a request to the Stripe stand-in. */
    stripeRequestId?: string
  }
}

const WRONG_CONTENT_TYPE = 'Invalid request (check that your POST content type is application/x-www-form-urlencoded). ' +
  'If you have any questions, we can help at https://support.stripe.com/.'

/** The id in a path; there is none in the paths of lists. */
export interface IdParams { id: string }

/** What a handler gets: the form or query, and the request that events are to name. */
export interface ApiCall {
  params: IdParams
  form: Form
  origin: EventRequest
  host: string
}

/** Adds what all of Stripe's API has in common: request ids, authentication, versions, form bodies, errors. */
export function setUpApi (app: FastifyInstance, context: SandboxContext): void {
  // Stripe's API reads forms only; Fastify's own parsers would let JSON through.
  app.removeAllContentTypeParsers()
  app.register(formbody, { parser: parseForm })
  app.addHook('onRequest', async (request, reply) => {
    request.stripeRequestId = newId('req_', 14)
    const version = request.headers['stripe-version'] ?? API_VERSION
    const { clockAheadSeconds, permissions } = context.behaviour.current
    if (clockAheadSeconds !== undefined) reply.header('date', new Date(Date.now() + clockAheadSeconds * 1000).toUTCString())
    reply.headers({ 'request-id': request.stripeRequestId, 'stripe-version': version })
    const account = accountHeader(request.headers['stripe-account'])
    context.requests.add({ method: request.method, url: request.url, account: account ?? null })
    if (account !== undefined) reply.header('stripe-account', account)
    if (await misbehave(context, request, reply)) return reply
    authenticate(request, reply, context.secretKey, permissions)
    if (typeof version !== 'string' || !/^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/.test(version)) {
      throw invalidRequest(`Invalid Stripe API version: ${String(version)}`)
    }
  })
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof StripeSandboxError) return sendStripeError(reply, error)
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
    if (status === 415) return sendStripeError(reply, invalidRequest(WRONG_CONTENT_TYPE))
    if (error instanceof Error && status >= 400 && status < 500) {
      return sendStripeError(reply, new StripeSandboxError(status, { type: 'invalid_request_error', message: error.message }))
    }
    request.log.error({ err: error }, 'stripe sandbox: request failed')
    return sendStripeError(reply, new StripeSandboxError(500, {
      type: 'api_error', message: 'An unknown error occurred in the Stripe sandbox; its log has the details.'
    }))
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    return sendStripeError(reply, new StripeSandboxError(404, {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${request.method}: ${path}). If you are trying to list objects, remove the ` +
        'trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier ' +
        'in your code. Please see https://stripe.com/docs or we can help at https://support.stripe.com/.'
    }))
  })
}

async function misbehave (context: SandboxContext, request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
  const { latencyMs, failStatus, dropConnection } = context.behaviour.use()
  if (latencyMs) await new Promise((resolve) => { setTimeout(resolve, latencyMs) })
  if (dropConnection) {
    reply.hijack()
    request.raw.socket.destroy()
    return true
  }
  if (failStatus !== undefined) throw injectedFailure(failStatus)
  return false
}

function injectedFailure (status: number): StripeSandboxError {
  if (status === 429) {
    return new StripeSandboxError(429, {
      type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.'
    })
  }
  const type = status >= 500 ? 'api_error' : 'invalid_request_error'
  return new StripeSandboxError(status, { type, message: `The sandbox was told to answer ${status}.` })
}

/** Registers a GET route: a single object or a list. */
export function get (app: FastifyInstance, url: string, context: SandboxContext, handler: (call: ApiCall) => object): void {
  app.get<{ Params: IdParams }>(url, async (request) => {
    const call = callOf(request, asForm(request.query))
    return asAccount(accountHeader(request.headers['stripe-account']), () => {
      refuseForeign(context, call)
      return expand(context, withFirstLines(handler(call)), call.form)
    })
  })
}

/**
 * Registers a POST route. Its handler is synchronous, so that two requests with one `Idempotency-Key` cannot overlap;
 * nothing is answered before the state is saved.
 */
export function post (app: FastifyInstance, url: string, context: SandboxContext, handler: (call: ApiCall) => object): void {
  app.post<{ Params: IdParams }>(url, async (request, reply) => {
    const call = callOf(request, asForm(request.body))
    const replayed = replay(context, request, reply)
    if (replayed !== undefined) return replayed
    const answer = asAccount(accountHeader(request.headers['stripe-account']), () => {
      refuseForeign(context, call)
      const made = handler(call)
      if ('id' in made) claim(context.state, String(made.id))
      return expand(context, withFirstLines(made), call.form)
    })
    const body = remember(context, request, answer, timestamp(context))
    context.changed()
    await context.saved()
    return body
  })
}

/** Registers a DELETE route. */
export function remove (app: FastifyInstance, url: string, context: SandboxContext, handler: (call: ApiCall) => object): void {
  app.delete<{ Params: IdParams }>(url, async (request) => {
    const call = callOf(request, asForm(request.query))
    const answer = asAccount(accountHeader(request.headers['stripe-account']), () => {
      refuseForeign(context, call)
      return handler(call)
    })
    context.changed()
    await context.saved()
    return answer
  })
}

/** Another account's objects are not found, whatever their kind. */
function refuseForeign ({ state }: SandboxContext, { params: { id } }: ApiCall): void {
  if (id !== undefined && !visible(state, id)) throw resourceMissing(kindOf(state, id), id, 'id', 404)
}

function kindOf (state: StripeState, id: string): string {
  for (const collection of Object.values(state)) {
    const found: unknown = collection.get(id)
    if (typeof found === 'object' && found !== null && 'object' in found) return String(found.object)
  }
  return 'object'
}

function callOf (request: FastifyRequest<{ Params: IdParams }>, form: Form): ApiCall {
  const key = request.headers['idempotency-key']
  return {
    params: request.params,
    form,
    host: request.host,
    origin: { id: request.stripeRequestId ?? null, idempotency_key: typeof key === 'string' ? key : null }
  }
}
