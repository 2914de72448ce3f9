import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { loadConfig, readEnvironment } from './config.js'
import type { Config } from './config.js'
import { prepareDatabase } from './db/prepare.js'
import { main, stopGracefully } from './run.js'

/** How long requests may take after the stop has begun; a caller that sends slowly would hold it up for good. */
const REQUEST_GRACE_MS = 12_000

/**
 * Connections that wait to be accepted; the system may allow fewer. Node's 511 are soon full while the event loop is
 * busy, and who is turned away then tries again only after 1, 3, 7 and 15 seconds instead of being told 503.
 */
const BACKLOG = 4_096

export interface ServeOptions {
  /** Adds to the service before it listens. */
  extend?: (app: FastifyInstance) => void
  /** What else must end with it. */
  onStop?: () => Promise<void>
}

/** Starts the service: database, migrations, workers, HTTP. */
export async function serve (config: Config, { extend = () => {}, onStop = async () => {} }: ServeOptions = {}): Promise<FastifyInstance> {
  // At the same time: a start waits for the database, and for modules.
  const [database, { buildApp }] = await Promise.all([
    prepareDatabase(config, message => { console.error(message) }),
    import('./app.js')
  ])
  const app = await buildApp(database.config).catch(async error => {
    await database.stop()
    throw error
  })
  const stop = async () => {
    const timer = setTimeout(() => { app.server.closeAllConnections() }, REQUEST_GRACE_MS)
    // The workers give their leases back however long the last requests take.
    await Promise.all([app.workers.stop(), app.close()])
    clearTimeout(timer)
    await database.stop()
    await onStop()
  }
  try {
    extend(app)
    await app.listen({ host: config.HOST, port: config.PORT, backlog: BACKLOG })
  } catch (error) {
    await stop()
    throw error
  }
  stopGracefully(app.log, async () => {
    app.drain.active = true
    await delay(config.SHUTDOWN_DELAY_MS)
    await stop()
  })
  return app
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(() => serve(loadConfig(readEnvironment())))
}
