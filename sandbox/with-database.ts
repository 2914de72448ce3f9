import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readEnvironment } from '../src/environment.js'
import type { Variables } from '../src/environment.js'
import { loadConfig } from '../src/service/config.js'
import type { Config, ProvidedConfig } from '../src/service/config.js'
import { startEmbeddedPostgres } from './postgres/index.js'

/**
 * The configuration of a process of the repository: without a `DATABASE_URL`, and except in production, its database
 * is the embedded PostgreSQL in `DATA_DIR`, which all of these processes share.
 * @param log told what takes time, a line each
 */
export async function withDatabase (
  variables: Variables = readEnvironment(), log: (message: string) => void = message => { console.error(message) }
): Promise<ProvidedConfig> {
  const isElsewhere = isGiven(variables.DATABASE_URL) || isGiven(variables.DATABASE_DIRECT_URL)
  if (isElsewhere || variables.NODE_ENV === 'production') return { config: loadConfig(variables), async release () {} }
  const config = loadWithoutDatabase(variables)
  await tellOfFormerFolder(config, log)
  const { connectionString, stop } = await startEmbeddedPostgres({ dataDir: embeddedFolder(config), log })
  return { config: Object.freeze({ ...config, DATABASE_URL: connectionString, otherDatabase: 'Set DATA_DIR to another folder.' }), release: stop }
}

/** The configuration, for who uses no database, or does not have it yet: its `DATABASE_URL` may lead nowhere. */
export function loadWithoutDatabase (variables: Variables): Config {
  return loadConfig(isGiven(variables.DATABASE_URL) ? variables : { ...variables, DATABASE_URL: 'postgres://none.invalid' })
}

/** The folder of the embedded server: what the sandbox made up and what is real never share one. */
export function embeddedFolder ({ DATA_DIR: folder, mode }: Config): string {
  return join(folder, mode)
}

function isGiven (value: string | undefined): boolean {
  return value !== undefined && value.trim() !== ''
}

/** The server's folder was one for all once. What it holds only its owner knows, so it stays where it is. */
async function tellOfFormerFolder ({ DATA_DIR: folder }: Config, log: (message: string) => void): Promise<void> {
  const former = join(folder, 'postgres')
  if (!await stat(former).then(() => true, () => false)) return
  log(`The database in ${former} is not used any more: move it to ${join(folder, 'sandbox', 'postgres')} or, if what it holds is real, to ` +
    `${join(folder, 'live', 'postgres')}, while nothing runs; or remove it.`)
}
