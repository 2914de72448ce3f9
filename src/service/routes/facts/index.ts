import type { FastifyPluginAsync } from 'fastify'
import { ApiError } from '../../../errors.js'
import { bearerToken, requireToken } from '../../../http/require-token.js'
import { RATE_WINDOW_MS } from '../../plugins/security.js'
import attributionRoute from './attribution.js'
import reportRoutes from './reports.js'
import stripeEventsRoute from './stripe-events.js'
import type { StripeEventsRouteOptions } from './stripe-events.js'

export interface FactRoutesOptions extends StripeEventsRouteOptions {
  /** What other backends send; empty: nobody may report. */
  tokens: string[]
  /** Requests per minute with one token, of all routes together; 0: any number. */
  rateLimitPerMinute: number
}

const NO_TOKEN = 'This service takes no reports: API_TOKEN is not set. Its operator sets it, and backends send "Authorization: Bearer <API_TOKEN>".'

/** What other backends report, in whatever language they are written. */
const factRoutes: FastifyPluginAsync<FactRoutesOptions> = async (app, { tokens, rateLimitPerMinute, ...options }) => {
  app.addHook('onRequest', requireToken(tokens, 'BACKEND_ONLY', { message: tokens.length === 0 ? NO_TOKEN : undefined }))
  // After the token is checked: nobody else uses the limit up.
  if (rateLimitPerMinute > 0) {
    app.addHook('onRequest', app.rateLimit({
      max: rateLimitPerMinute,
      timeWindow: RATE_WINDOW_MS,
      keyGenerator: request => bearerToken(request) ?? '',
      errorResponseBuilder: (_request, { after }) => new ApiError('RATE_LIMITED', `Too many requests with the API token. Try again in ${after}.`)
    }))
  }
  await app.register(reportRoutes)
  await app.register(attributionRoute)
  await app.register(stripeEventsRoute, options)
}

export default factRoutes
