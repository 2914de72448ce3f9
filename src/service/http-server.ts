import type { Server } from 'node:http'
import type { FastifyHttpOptions, FastifyReply } from 'fastify'
import { ERRORS } from '../../schemas/error.js'
import { errorResponse } from '../errors.js'
import type { ErrorCode } from '../errors.js'
import { securityHeaders } from '../pages/security-headers.js'

/** Longest time in which a request arrives, headers and body; Fastify's default is for ever. */
const REQUEST_TIMEOUT_MS = 30_000
/** How often that is looked at, so a request is over this much later at most; Node's default is 30 seconds. */
const TIMEOUT_CHECK_MS = 5_000
/** How long a caller may neither send nor read; longer than any handler takes. */
const IDLE_TIMEOUT_MS = 60_000
/** How long a caller may take to read an answer that ends its connection. */
const LINGER_MS = 1_000

/**
 * What the HTTP server itself is given: time limits, and answers to what never reaches a route, with the headers and
 * the shape of every other answer.
 * @param https whether browsers reach the service by HTTPS
 */
export function httpServerOptions (https: boolean) {
  const headers = securityHeaders(https)
  return {
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_TIMEOUT_MS,
    // Node takes the greater of the two limits for the whole request, and its own one for headers is 60 seconds.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    frameworkErrors (error, request, reply: FastifyReply) {
      void reply.code(400).headers({ ...headers, 'x-request-id': request.id }).send(errorResponse('INVALID_REQUEST', error.message))
    },
    clientErrorHandler (error, socket) {
      if (socket.writable) {
        socket.end(error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? rawAnswer(headers, 'REQUEST_TIMEOUT')
          : rawAnswer(headers, 'INVALID_REQUEST', 'This is not a well-formed HTTP request.'))
      }
      // The other side may go on sending, and never close.
      setTimeout(() => { socket.destroy() }, LINGER_MS).unref()
    }
  } satisfies FastifyHttpOptions<Server>
}

/** An answer on a connection on which no request could be read. */
function rawAnswer (headers: Record<string, string>, code: ErrorCode, message?: string): string {
  const answer = errorResponse(code, message)
  const body = JSON.stringify(answer)
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close'
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${ERRORS[code][0]} ${answer.error}\r\n${lines.join('')}\r\n${body}`
}
