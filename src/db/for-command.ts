import type { Config } from '../config.js'
import { openDatabase } from './pool.js'
import type { Database } from './pool.js'
import { keepPurpose } from './installation.js'
import type { MigrationChecks } from './migrate.js'
import { prepareDatabase } from './prepare.js'
import { createNotifier } from './notifications.js'
import type { Notifier } from './notifications.js'

export interface CommandDatabase {
  db: Database
  notifier: Notifier
  close (): Promise<void>
}

/**
 * The database for a command that runs beside the service: the configured one, or the embedded one in `DATA_DIR`.
 * @param checks what may refuse the database; by default that it is for something else
 */
export async function openForCommand (config: Config, checks: MigrationChecks = keepPurpose(config)): Promise<CommandDatabase> {
  const { config: ready, stop } = await prepareDatabase(config, message => { console.error(message) }, checks)
  const { pool, db } = openDatabase({ connectionString: ready.DATABASE_URL, poolSize: 4 })
  const notifier = createNotifier(pool)
  return {
    db,
    notifier,
    async close () {
      await pool.end()
      await stop()
    }
  }
}
