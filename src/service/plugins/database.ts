import type pg from 'pg'
import fp from 'fastify-plugin'
import { createNotifier } from '../../db/notifications.js'
import type { Notifier } from '../../db/notifications.js'
import type { Database } from '../../db/pool.js'
import { ApiError } from '../../errors.js'

declare module 'fastify' {
  interface FastifyInstance {
    db: Database
    /** Tells the workers of what a statement of the service's own has stored. */
    notifier: Notifier
  }
}

export interface DatabasePluginOptions {
  pool: pg.Pool
  db: Database
}

/**
 * Most requests that wait for a connection, for each connection there is. A caller waits for as many statements: 50 ms
 * when each takes 2 ms, a second when they take 40.
 */
export const WAITING_PER_CONNECTION = 25

/** The database, closed with the app. Requests that would wait in its pool for too long are shed. */
export default fp<DatabasePluginOptions>(async (app, { pool, db }) => {
  app.decorate('db', db)
  app.decorate('notifier', createNotifier(pool))
  const mostWaiting = WAITING_PER_CONNECTION * pool.options.max
  app.addHook('onRequest', async request => {
    if (pool.waitingCount >= mostWaiting && request.routeOptions.config.servedUnderPressure !== true) throw new ApiError('OVERLOADED')
  })
  app.addHook('onClose', async () => { await pool.end() })
}, { name: 'database' })
