import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './app.js'
import { loadConfig, readEnvironment } from './config.js'
import type { Config } from './config.js'
import { prepareDatabase } from './db/prepare.js'
import { main, stopGracefully } from './run.js'

/**
 * Starts the service: database, migrations, workers, HTTP.
 * @param onStop what else must end with it
 */
export async function serve (config: Config, onStop: () => Promise<void> = async () => {}): Promise<FastifyInstance> {
  const database = await prepareDatabase(config, message => { console.error(message) })
  const app = await buildApp(database.config)
  const stop = async () => {
    await app.close()
    await database.stop()
    await onStop()
  }
  try {
    await app.listen({ host: config.HOST, port: config.PORT })
  } catch (error) {
    await stop()
    throw error
  }
  stopGracefully(app.log, stop)
  return app
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(() => serve(loadConfig(readEnvironment())))
}
