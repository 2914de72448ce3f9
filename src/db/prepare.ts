import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config, ReadyConfig } from '../config.js'
import { keepPurpose } from './installation.js'
import { migrate } from './migrate.js'
import type { MigrationChecks } from './migrate.js'
import { OtherPurposeError } from './purpose.js'

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
 * @param checks what may refuse the database; by default that it is for something else
 * @throws with a sentence when the database cannot be used, or is for something else than the configuration
 */
export async function prepareDatabase (
  config: Config, log: (message: string) => void, checks: MigrationChecks = keepPurpose(config)
): Promise<PreparedDatabase> {
  if (config.DATABASE_URL !== undefined) {
    await migrate(config.DATABASE_URL, checks).catch((error: Error) => {
      if (error instanceof OtherPurposeError) throw error
      throw new Error(`${error.message} Check DATABASE_URL.`, { cause: error })
    })
    return { config: { ...config, DATABASE_URL: config.DATABASE_URL }, async stop () {} }
  }
  await tellOfFormerFolder(config, log)
  // Loaded only here: production installs leave the embedded server out.
  const { startEmbeddedPostgres } = await import('../../sandbox/postgres/index.js')
  const server = await startEmbeddedPostgres({ dataDir: embeddedFolder(config), log })
  try {
    await migrate(server.connectionString, checks)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { config: { ...config, DATABASE_URL: server.connectionString }, stop: () => server.stop() }
}

/** The folder of the embedded server: what the sandbox made up and what is real never share one. */
export function embeddedFolder ({ DATA_DIR: folder, mode }: Config): string {
  return join(folder, mode)
}

/** The server's folder was one for all once. What it holds only its owner knows, so it stays where it is. */
async function tellOfFormerFolder ({ DATA_DIR: folder }: Config, log: (message: string) => void): Promise<void> {
  const former = join(folder, 'postgres')
  if (!await stat(former).then(() => true, () => false)) return
  log(`The database in ${former} is not used any more: move it to ${join(folder, 'sandbox', 'postgres')} or, if what it holds is real, to ` +
    `${join(folder, 'live', 'postgres')}, while nothing runs; or remove it.`)
}
