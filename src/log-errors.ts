import type { FastifyBaseLogger } from 'fastify'
import pg from 'pg'
import { isStripeError } from './stripe-error.js'

/** The same logger, whose errors do not quote what they are about. */
export function withSafeErrors (log: FastifyBaseLogger): FastifyBaseLogger {
  return log.child({}, { serializers: { err: serializeError } })
}

/**
 * An error without what it may quote: the message of a failed query lists its parameters, a Stripe error can
 * repeat an e-mail. The innermost cause tells what went wrong.
 */
export function serializeError (error: Error): { type: string, message: string, stack: string, [detail: string]: unknown } {
  let cause: Error = error
  while (cause.cause instanceof Error && !(isStripeError(cause))) cause = cause.cause
  const stack = cause.stack?.split('\n').filter(line => /^\s+at /.test(line)).join('\n') ?? ''
  if (isStripeError(cause)) {
    const { type, code, statusCode, requestId } = cause
    return { type, code, statusCode, requestId, message: 'see the request at Stripe', stack }
  }
  const { code } = cause as { code?: unknown }
  return { type: cause.name, ...(code === undefined ? {} : { code }), message: quotesValue(cause) ? 'a value that cannot be read' : cause.message, stack }
}

/** Whether the message has a piece of what was read: PostgreSQL's errors about values (class 22), and JSON's. */
function quotesValue (error: Error & { code?: unknown }): boolean {
  return error instanceof SyntaxError || (error instanceof pg.DatabaseError && /^22/.test(String(error.code)))
}
