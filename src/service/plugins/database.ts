import fp from 'fastify-plugin'
import { createNotifier } from '../../db/notifications.js'
import type { Notifier } from '../../db/notifications.js'
import { openDatabase } from '../../db/pool.js'
import type { Database } from '../../db/pool.js'
import { ApiError } from '../../errors.js'

declare module 'fastify' {
  interface FastifyInstance {
    db: Database
    notifier: Notifier
  }
}

export interface DatabasePluginOptions {
  connectionString: string
  /** Most connections at once. */
  poolSize: number
}

/**
 * Most requests that wait for a connection, for each connection there is. A caller waits for as many statements: 50 ms
 * when each takes 2 ms, a second when they take 40.
 */
export const WAITING_PER_CONNECTION = 25

/** The database pool, closed with the app. Requests that would wait in it for too long are shed. */
export default fp<DatabasePluginOptions>(async (app, options) => {
  const { pool, db } = openDatabase({
    ...options,
    onIdleError: error => { app.log.warn({ err: error }, 'A database connection broke') }
  })
  app.decorate('db', db)
  app.decorate('notifier', createNotifier(pool))
  const mostWaiting = WAITING_PER_CONNECTION * options.poolSize
  app.addHook('onRequest', async request => {
    if (pool.waitingCount >= mostWaiting && request.routeOptions.config.servedUnderPressure !== true) throw new ApiError('OVERLOADED')
  })
  app.addHook('onClose', async () => { await pool.end() })
}, { name: 'database' })
