import { migrate } from '../../src/db/migrate.js'
import { serviceMigrations } from '../../src/service/database/migrations.js'

/** Makes all tables of the service in a database, which is for nothing yet. */
export async function makeTables (connectionString: string): Promise<void> {
  await migrate(connectionString)
  await migrate(connectionString, undefined, serviceMigrations)
}
