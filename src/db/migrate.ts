import { dirname } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate as applyMigrations } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { packageFile } from '../package-file.js'

// Any number, as long as every version of this program takes the same.
const MIGRATION_LOCK = 4_217_001

const CONNECT_SECONDS = 10

/** What is looked at around the migrations, under their lock: of two first starts the second sees what the first wrote. */
export interface MigrationChecks {
  /** Before anything is changed. */
  before (client: pg.Client): Promise<void>
  /** With all tables there. */
  after (client: pg.Client): Promise<void>
}

/**
 * Brings the database's tables up to date. Safe when several processes start at once: one applies,
 * the others wait for it.
 * @param connectionString of the database
 * @param checks what may refuse the database
 * @throws with a sentence that says which database cannot be used, and why, without its password
 */
export async function migrate (connectionString: string, checks?: MigrationChecks): Promise<void> {
  const client = connectionTo(connectionString)
  // A connection that breaks fails the query at work; without a listener it would end the process besides.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw new Error(`The database ${addressOf(client)} cannot be used: ${reasonOf(error)}.`, { cause: error })
  }
  try {
    await client.query('set client_min_messages = warning')
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await checks?.before(client)
    await applyMigrations(drizzle(client), { migrationsFolder: dirname(packageFile('migrations/meta')) })
    await checks?.after(client)
  } finally {
    await client.end()
  }
}

/** Name and address of a database, without its password. */
export function addressOf ({ database, host, port }: pg.Client): string {
  return `${database} at ${host}:${port}`
}

function connectionTo (connectionString: string): pg.Client {
  try {
    return new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_SECONDS * 1_000, application_name: 'fastify-affitor migrate' })
  } catch (error) {
    throw new Error(`The address of the database cannot be read: ${(error as Error).message}.`, { cause: error })
  }
}

function reasonOf (error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ECONNREFUSED': return 'nothing listens there'
    case 'ENOTFOUND': case 'EAI_AGAIN': return 'there is no host of this name'
    case 'EHOSTUNREACH': case 'ENETUNREACH': return 'there is no way to this host'
  }
  if (code === 'ETIMEDOUT' || message === 'timeout expired') return `no answer within ${CONNECT_SECONDS} seconds`
  return (message || code) ?? 'no reason was given'
}
