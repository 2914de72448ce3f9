import type { FastifyInstance } from 'fastify'
import type { Config } from './config.js'
import { prepareDatabase } from './database/prepare.js'
import { runIfEntry, stopGracefully } from './run.js'

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
  const [{ buildApp }] = await Promise.all([import('./app.js'), prepareDatabase(config)])
  const app = await buildApp(config)
  const stop = async () => {
    const timer = setTimeout(() => { app.server.closeAllConnections() }, REQUEST_GRACE_MS)
    await app.close()
    clearTimeout(timer)
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
    await app.drain()
    await stop()
  })
  return app
}

await runIfEntry(import.meta.url, async provide => serve((await provide()).config))
