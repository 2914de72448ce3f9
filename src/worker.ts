import pino from 'pino'
import { loadConfig, readEnvironment } from './config.js'
import { createNotifier } from './db/notifications.js'
import { openDatabase } from './db/pool.js'
import { prepareDatabase } from './db/prepare.js'
import { loggerOptions } from './logger.js'
import { main, stopGracefully } from './run.js'
import { createStripeClient } from './stripe/client.js'
import { workersFromConfig } from './workers/from-config.js'

/** Runs the workers alone, without HTTP. Any number of these may run beside the API on one `DATABASE_URL`. */
await main(async () => {
  const { config, stop: stopDatabase } = await prepareDatabase(loadConfig(readEnvironment()), message => { console.error(message) })
  const log = pino(loggerOptions(config))
  const { pool, db } = openDatabase({
    connectionString: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: error => { log.warn({ err: error }, 'A database connection broke') }
  })
  const workers = workersFromConfig(config, {
    db,
    notifier: createNotifier(pool),
    stripe: createStripeClient({ secretKey: config.STRIPE_SECRET_KEY, apiUrl: config.STRIPE_API_URL }),
    log
  })
  stopGracefully(log, async () => {
    await workers.stop()
    await pool.end()
    await stopDatabase()
  })
  workers.start()
  log.info('Workers started')
})
