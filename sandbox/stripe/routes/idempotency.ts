import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { StripeSandboxError } from '../errors.js'
import { snapshot } from '../state.js'

const MAX_KEY_LENGTH = 255
// Stripe forgets keys after 24 hours at the earliest (docs.stripe.com/api/idempotent_requests).
const KEPT_SECONDS = 86_400

/**
 * The first answer to a request whose `Idempotency-Key` is known, or undefined.
 * @throws StripeSandboxError when the key came with other parameters.
 */
export function replay (context: SandboxContext, request: FastifyRequest, reply: FastifyReply): unknown {
  const key = keyOf(request)
  if (key === undefined) return undefined
  reply.header('idempotency-key', key)
  if (key.length > MAX_KEY_LENGTH) {
    throw idempotencyError(`Idempotency keys can be at most ${MAX_KEY_LENGTH} characters long; yours has ${key.length}.`)
  }
  const known = context.state.answers.get(key)
  if (known === undefined || known.created + KEPT_SECONDS < timestamp(context)) return undefined
  if (known.request !== fingerprint(request)) {
    throw idempotencyError(
      'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
      `Try using a key other than '${key}' if you meant to execute a different request.`
    )
  }
  reply.headers({ 'idempotent-replayed': 'true', 'original-request': known.requestId }).code(known.statusCode)
  return known.body
}

/** Keeps an answer under the request's key and returns it. Refusals are not kept: nothing was executed. */
export function remember (context: SandboxContext, request: FastifyRequest, answer: object, created: number): unknown {
  const body = snapshot(answer)
  const key = keyOf(request)
  if (key !== undefined) {
    context.state.answers.delete(key)
    context.state.answers.set(key, {
      id: key, created, request: fingerprint(request), requestId: request.stripeRequestId ?? '', statusCode: 200, body
    })
  }
  return body
}

function keyOf (request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && key !== '' ? key : undefined
}

function fingerprint (request: FastifyRequest): string {
  return createHash('sha256').update(JSON.stringify([request.method, request.url, request.body, request.headers['stripe-account']])).digest('hex')
}

function idempotencyError (message: string): StripeSandboxError {
  return new StripeSandboxError(400, { type: 'idempotency_error', message })
}
