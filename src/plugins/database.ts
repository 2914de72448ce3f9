import fp from 'fastify-plugin'
import { createNotifier } from '../db/notifications.js'
import type { Notifier } from '../db/notifications.js'
import { openDatabase } from '../db/pool.js'
import type { Database } from '../db/pool.js'

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

/** The database pool, closed with the app. */
export default fp<DatabasePluginOptions>(async (app, options) => {
  const { pool, db } = openDatabase({
    ...options,
    onIdleError: error => { app.log.warn({ err: error }, 'A database connection broke') }
  })
  app.decorate('db', db)
  app.decorate('notifier', createNotifier(pool))
  app.addHook('onClose', async () => { await pool.end() })
}, { name: 'database' })
