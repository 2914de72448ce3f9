import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'

// Any number, as long as every version of this program takes the same.
const MIGRATION_LOCK = 4_217_001

/**
 * Brings the database's tables up to date. Safe when several processes start at once: one applies,
 * the others wait for it.
 * @param connectionString of the database
 */
export async function migrate (connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, application_name: 'fastify-affitor migrate' })
  await client.connect()
  try {
    await client.query('set client_min_messages = warning')
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await applyMigrations(drizzle(client), { migrationsFolder: migrationsFolder() })
  } finally {
    await client.end()
  }
}

/** `migrations/` of this package, whether this file runs from `src` or compiled from `dist/src`. */
function migrationsFolder (): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'migrations', 'meta'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('The migrations folder is missing from this installation of fastify-affitor.')
    folder = parent
  }
  return join(folder, 'migrations')
}
