import type { DestinationStream, LoggerOptions } from 'pino'
import { customerHash } from '../customer-hash.js'
import { serializeError } from '../log-errors.js'
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
      req: request => ({ method: request.method, url: withoutCustomer(request.url.split('?')[0] ?? '') })
    },
    ...(stream !== undefined && { stream }),
    ...(config.NODE_ENV === 'production' || stream !== undefined || !process.stdout.isTTY
      ? {}
      : { transport: { target: 'pino-pretty', options: { translateTime: 'HH:MM:ss', ignore: 'pid,hostname' } } })
  }
}

/** An app may have e-mails for customer keys: the address has the hash that all other lines have. */
function withoutCustomer (path: string): string {
  return path.replace(/(?<=\/customers\/)[^/]+/, key => {
    try {
      return customerHash(decodeURIComponent(key))
    } catch {
      return customerHash(key)
    }
  })
}
