import { migrate, migrationSql, pendingMigrations } from '../db/migrate.js'
import { readEnvironment } from '../environment.js'
import { readArguments } from './arguments.js'

export const summary = 'Bring the schema affitor up to date, or print the SQL that would'

const USAGE = `Usage: npx fastify-affitor migrate [--sql] [--database postgres://...]

Brings the schema "affitor" of the database up to date.
  --sql       print what would be applied instead, for a role that may create it: | psql "$OWNER_DATABASE_URL"
  --database  the database; default: DATABASE_DIRECT_URL or DATABASE_URL of the environment, or of .env`

export async function run (): Promise<void> {
  const { DATABASE_DIRECT_URL, DATABASE_URL } = readEnvironment()
  const { sql, database = DATABASE_DIRECT_URL || DATABASE_URL } = readArguments({ sql: { type: 'boolean', default: false }, database: { type: 'string' } }, USAGE)
  if (database === undefined || database === '') throw new Error(`The database is missing: set DATABASE_URL, or give --database.\n\n${USAGE}`)
  if (sql) {
    process.stdout.write(await migrationSql(database))
    return
  }
  const pending = await pendingMigrations(database)
  await migrate(database)
  console.log(pending.length === 0 ? 'The schema affitor is up to date.' : `Applied: ${pending.join(', ')}.`)
}
