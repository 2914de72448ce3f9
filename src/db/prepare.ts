import type { Config, ReadyConfig } from '../config.js'
import { migrate } from './migrate.js'

export interface PreparedDatabase {
  /** The configuration with the database that is to be used. */
  config: ReadyConfig
  /** Stops the embedded server, if one was started. */
  stop (): Promise<void>
}

/**
 * Makes the database ready: the configured one, or the embedded PostgreSQL in `DATA_DIR`; and brings its
 * tables up to date.
 * @param log told what takes time, a line each
 */
export async function prepareDatabase (config: Config, log: (message: string) => void): Promise<PreparedDatabase> {
  if (config.DATABASE_URL !== undefined) {
    await migrate(config.DATABASE_URL).catch((error: Error) => {
      throw new Error(`${error.message} Check DATABASE_URL.`, { cause: error })
    })
    return { config: { ...config, DATABASE_URL: config.DATABASE_URL }, async stop () {} }
  }
  // Loaded only here: production installs leave the embedded server out.
  const { startEmbeddedPostgres } = await import('./embedded.js')
  const server = await startEmbeddedPostgres({ dataDir: config.DATA_DIR, log })
  try {
    await migrate(server.connectionString)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { config: { ...config, DATABASE_URL: server.connectionString }, stop: () => server.stop() }
}
