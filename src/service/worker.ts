import pino from 'pino'
import { createAffitor } from '../engine.js'
import { openDatabase } from '../db/pool.js'
import { affitorOptions } from './affitor-options.js'
import type { ProvidedConfig } from './config.js'
import { prepareDatabase } from './database/prepare.js'
import { loggerOptions } from './logger.js'
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
  const { workers } = createAffitor(affitorOptions(config, { database: pool, stripe, logger: log }))
  stopGracefully(log, async () => {
    await workers.stop()
    await pool.end()
    await release()
  })
  workers.start()
  log.info('Workers started')
}

await runIfEntry(import.meta.url, run)
