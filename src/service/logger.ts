import pg from 'pg'
import type { DestinationStream, LoggerOptions } from 'pino'
import Stripe from 'stripe'
import type { Config } from './config.js'

/**
 * Log options: pretty for a person in development, JSON lines in production.
 * @param stream takes JSON lines instead of standard output
 */
export function loggerOptions (
  config: Pick<Config, 'LOG_LEVEL' | 'NODE_ENV'>, stream?: DestinationStream
): LoggerOptions & { stream?: DestinationStream } {
  return {
    level: config.LOG_LEVEL,
    serializers: {
      err: serializeError,
      req: request => ({ method: request.method, url: request.url.split('?')[0] })
    },
    ...(stream !== undefined && { stream }),
    ...(config.NODE_ENV === 'production' || stream !== undefined || !process.stdout.isTTY
      ? {}
      : { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } } })
  }
}

/**
 * An error without what it may quote: the message of a failed query lists its parameters, a Stripe error can
 * repeat an e-mail. The innermost cause tells what went wrong.
 */
function serializeError (error: Error): { type: string, message: string, stack: string, [detail: string]: unknown } {
  let cause: Error = error
  while (cause.cause instanceof Error && !(cause instanceof Stripe.errors.StripeError)) cause = cause.cause
  const stack = cause.stack?.split('\n').filter(line => /^\s+at /.test(line)).join('\n') ?? ''
  if (cause instanceof Stripe.errors.StripeError) {
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
