import cors from '@fastify/cors'
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'
import { ApiError } from '../../errors.js'
import { dropForwardedPorts } from './forwarded-for.js'
import { headers as headersOfAnswers } from '../openapi/headers.js'
import { securityHeaders } from '../../pages/security-headers.js'
import type { Directives } from '../../pages/security-headers.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Served also while requests are shed because the event loop is behind, or the database. */
    servedUnderPressure?: boolean
    /** Of a page: what differs from the Content-Security-Policy of all other routes. */
    contentSecurityPolicy?: Directives
    /** What comes of it. */
    securityHeaders?: Record<string, string>
  }
}

export interface SecurityPluginOptions {
  /** Origins whose pages may call the API with the user's cookie. */
  corsOrigins: string[]
  /** Whether browsers reach the service by HTTPS. */
  https: boolean
  /** An event loop that is this far behind makes the service shed requests, in milliseconds; 0: never. */
  maxEventLoopDelayMs: number
}

/** In which requests are counted, in milliseconds. */
export const RATE_WINDOW_MS = 60_000

/** Headers, cross-origin rules, limits. The rate limit itself is set by the routes that have one. */
export default fp<SecurityPluginOptions>(async (app, { corsOrigins, https, maxEventLoopDelayMs }) => {
  const headers = securityHeaders(https)
  app.addHook('onRoute', route => {
    if (route.config?.contentSecurityPolicy) route.config.securityHeaders = securityHeaders(https, route.config.contentSecurityPolicy)
  })
  app.addHook('onRequest', async (request, reply) => {
    dropForwardedPorts(request)
    reply.headers(request.routeOptions.config.securityHeaders ?? headers)
  })
  await app.register(cors, {
    origin: corsOrigins.length > 0 ? corsOrigins : false,
    credentials: true,
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'x-request-id'],
    // What the document says of answers, by the names that it has.
    exposedHeaders: [...Object.keys(headersOfAnswers), 'Allow', 'Content-Disposition']
  })
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { after }) => new ApiError('RATE_LIMITED', `Too many requests from this address. Try again in ${after}.`)
  })
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('x-ratelimit-limit')) return
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map(name => reply.getHeader(`x-ratelimit-${name}`))
    reply.header('ratelimit-policy', `"requests";q=${limit};w=${RATE_WINDOW_MS / 1000}`).header('ratelimit', `"requests";r=${remaining};t=${reset}`)
  })
  await app.register(underPressure, {
    maxEventLoopDelay: maxEventLoopDelayMs,
    async pressureHandler (request) {
      if (request.routeOptions.config.servedUnderPressure !== true) throw new ApiError('OVERLOADED')
    }
  })
}, { name: 'security' })
