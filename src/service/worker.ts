import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'
import { createAffitor } from '../engine.js'
import { openDatabase } from '../db/pool.js'
import { affitorOptions } from './affitor-options.js'
import type { Config, ProvidedConfig } from './config.js'
import { prepareDatabase } from './database/prepare.js'
import { loggerOptions } from './logger.js'
import { openRegistry } from './metrics.js'
import type { MetricsRouteOptions } from './routes/metrics.js'
import { runIfEntry, stopGracefully } from './run.js'
import { createStripeClient } from '../stripe/client.js'

/** Runs the workers alone, without HTTP. Any number of these may run beside the API on one `DATABASE_URL`. */
export async function run (provide: () => Promise<ProvidedConfig>): Promise<void> {
  const { config, release } = await provide()
  await prepareDatabase(config).catch(async error => {
    await release()
    throw error
  })
  const log = pino(loggerOptions(config))
  const { pool } = openDatabase({
    connectionString: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: error => { log.warn({ err: error }, 'A database connection broke') }
  })
  const stripe = createStripeClient({ secretKey: config.STRIPE_SECRET_KEY, apiUrl: config.STRIPE_API_URL })
  const metrics = await openRegistry(config.METRICS_TOKEN)
  const { workers } = createAffitor(affitorOptions(config, { database: pool, stripe, logger: log, registry: metrics?.registry }))
  const stopServing = metrics === undefined || config.METRICS_PORT === undefined ? async () => {} : await serveMetrics(config, metrics, log)
  stopGracefully(log, async () => {
    await workers.stop()
    await stopServing()
    await pool.end()
    await release()
  })
  workers.start()
  log.info('Workers started')
}

/** Fastify is loaded for this alone. @returns what ends it */
async function serveMetrics ({ HOST, METRICS_PORT }: Config, metrics: MetricsRouteOptions, log: FastifyBaseLogger): Promise<() => Promise<void>> {
  const [{ default: Fastify }, { default: errorHandler }, { default: metricsRoute }] = await Promise.all([
    import('fastify'), import('./plugins/error-handler.js'), import('./routes/metrics.js')
  ])
  const app = Fastify({ loggerInstance: log })
  await app.register(errorHandler)
  await app.register(metricsRoute, metrics)
  await app.listen({ host: HOST, port: METRICS_PORT })
  return () => app.close()
}

await runIfEntry(import.meta.url, run)
