import type { Config } from '../config.js'
import { keepPurpose } from './installation.js'
import { migrate } from '../../db/migrate.js'
import type { MigrationChecks } from '../../db/migrate.js'
import { OtherPurposeError } from './purpose.js'

/**
 * Makes the database ready: brings its tables up to date, and holds it to its purpose.
 * @param checks what may refuse the database; by default that it is for something else
 * @throws with a sentence when the database cannot be used, or is for something else than the configuration
 */
export async function prepareDatabase (config: Config, checks: MigrationChecks = keepPurpose(config)): Promise<void> {
  await migrate(config.DATABASE_URL, checks).catch((error: Error) => {
    if (error instanceof OtherPurposeError) throw error
    throw new Error(`${error.message} Check DATABASE_URL.`, { cause: error })
  })
}
