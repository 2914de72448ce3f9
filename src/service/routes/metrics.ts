import type { FastifyPluginAsync } from 'fastify'
import type { Registry } from 'prom-client'
import { requireToken } from '../../http/require-token.js'
import { quietLevel } from './quiet.js'

export interface MetricsRouteOptions {
  registry: Registry
  /** Of which the scraper sends one. */
  tokens: string[]
}

const ONLY_SCRAPERS = 'Send the metrics token: "Authorization: Bearer <METRICS_TOKEN>".'

/** What Prometheus scrapes. */
const metricsRoute: FastifyPluginAsync<MetricsRouteOptions> = async (app, { registry, tokens }) => {
  app.get('/metrics', {
    logLevel: quietLevel(app),
    // How busy a process is, is worth most while it is busy.
    config: { servedUnderPressure: true },
    schema: { hide: true },
    onRequest: requireToken(tokens, 'UNAUTHORIZED', { message: ONLY_SCRAPERS })
  }, async (_request, reply) => {
    const metrics = await registry.metrics()
    return await reply.type(registry.contentType).header('cache-control', 'no-store').send(metrics)
  })
}

export default metricsRoute
