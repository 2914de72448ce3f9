import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'

/** What proxies and callers name requests: UUIDs, trace ids and their like, and nothing that could be mistaken in a log. */
const TAKEN = /^[\w.:=+/-]{1,128}$/

/** The caller's own name of the request, `X-Request-Id`, or a new one. */
export function requestIdOf ({ headers: { 'x-request-id': given } }: IncomingMessage): string {
  return typeof given === 'string' && TAKEN.test(given) ? given : randomUUID()
}

/** Names every answer: by it the log's lines of the request are found. */
export default fp(async app => {
  app.addHook('onRequest', async (request, reply) => { reply.header('x-request-id', request.id) })
}, { name: 'request-id' })
