import type { ProvidedConfig } from '../config.js'
import type { MigrationChecks } from '../../db/migrate.js'
import { createNotifier } from '../../db/notifications.js'
import type { Notifier } from '../../db/notifications.js'
import { openDatabase } from '../../db/pool.js'
import type { Database } from '../../db/pool.js'
import { prepareDatabase } from './prepare.js'
import { keepConfigured } from './purpose.js'

export interface CommandDatabase {
  db: Database
  notifier: Notifier
  close (): Promise<void>
}

/**
 * The database for a command that runs beside the service.
 * @param checks what may refuse the database; by default that it is for something else
 */
export async function openForCommand ({ config, release }: ProvidedConfig, checks: MigrationChecks = keepConfigured(config)): Promise<CommandDatabase> {
  await prepareDatabase(config, checks).catch(async error => {
    await release()
    throw error
  })
  const { pool, db } = openDatabase({ connectionString: config.DATABASE_URL, poolSize: 4 })
  return {
    db,
    notifier: createNotifier(pool),
    async close () {
      await pool.end()
      await release()
    }
  }
}
