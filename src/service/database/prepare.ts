import { checkMigrations, migrate } from '../../db/migrate.js'
import type { MigrationChecks } from '../../db/migrate.js'
import { OtherPurposeError } from '../../ledger/purpose.js'
import type { Config } from '../config.js'
import { serviceMigrations } from './migrations.js'
import { keepConfigured } from './purpose.js'

/**
 * Makes the database ready: brings its tables up to date, and holds it to its purpose.
 * @param checks what may refuse the database; by default that it is for something else
 * @throws with a sentence when the database cannot be used, or is for something else than the configuration
 */
export async function prepareDatabase (config: Config, checks: MigrationChecks = keepConfigured(config)): Promise<void> {
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: directUrl } = config
  try {
    await migrate(directUrl ?? url, checks)
    await migrate(directUrl ?? url, undefined, serviceMigrations)
    // They are addresses of one database.
    if (directUrl !== undefined) await checkMigrations(url)
  } catch (error) {
    if (error instanceof OtherPurposeError) throw error
    throw new Error(`${(error as Error).message} Check ${directUrl === undefined ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL'}.`, { cause: error })
  }
}
