import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { packageFile } from '../package-file.js'

/** Migrations of one schema, with the journal `SCHEMA.migrations`. */
export interface MigrationSet {
  schema: string
  /** Folder of its files as seen from the package: `NNNN_name.sql`, applied in order of name. */
  folder: string
  /** What a person does when the schema is behind. */
  remedy: string
}

/** The core's own. */
export const ledgerMigrations: MigrationSet = {
  schema: 'affitor',
  folder: 'migrations/affitor',
  remedy: 'Run `npx fastify-affitor migrate`, or let the app do it (migrate: true).'
}

/** A connection string, a pool, or a connection that is open. */
export type MigrationTarget = string | pg.Pool | pg.ClientBase

/** What is looked at around the migrations. */
export interface MigrationChecks {
  /** Before anything is changed. */
  before (client: pg.ClientBase): Promise<void>
  /** With all tables there; in a transaction that keeps others out. */
  after (client: pg.ClientBase): Promise<void>
}

interface Migration { name: string, text: string, checksum: string }

const CONNECT_SECONDS = 10
/** The oldest major version of PostgreSQL that is tested. */
const OLDEST_POSTGRESQL = 14

/**
 * Brings a schema up to date, each file in a transaction of its own. Safe when several processes start at once, behind
 * a pooler too: one applies, the others wait for it. When all is applied already, nothing is locked or written.
 * @param checks what may refuse the database
 * @throws with a sentence that says which database cannot be used, and why, without its password
 */
export async function migrate (target: MigrationTarget, checks?: MigrationChecks, set = ledgerMigrations): Promise<void> {
  await withConnection(target, async client => {
    await checks?.before(client)
    const { schemaExists, pending } = await look(client, set)
    for (const migration of pending) {
      try {
        await inLockedTransaction(client, set, () => apply(client, set, migration))
      } catch (error) {
        throw refusalOf(error, set, schemaExists, addressOf(client))
      }
    }
    if (checks !== undefined) await inLockedTransaction(client, set, () => checks.after(client))
  })
}

/** Names of the migrations that are not applied. */
export async function pendingMigrations (target: MigrationTarget, set = ledgerMigrations): Promise<string[]> {
  return await withConnection(target, async client => (await look(client, set)).pending.map(({ name }) => name))
}

/** @throws with a sentence when the schema is behind, or newer than this program */
export async function checkMigrations (target: MigrationTarget, set = ledgerMigrations): Promise<void> {
  await withConnection(target, async client => {
    const { pending, unknown } = await look(client, set)
    if (pending.length > 0) throw new Error(`The schema ${set.schema} is behind: ${areNot(pending.map(({ name }) => name))} applied. ${set.remedy}`)
    if (unknown.length > 0) {
      throw new Error(`The schema ${set.schema} is newer than this program: it has ${unknown.join(', ')}. Start the version that applied it, or a later one.`)
    }
  })
}

/**
 * What would be applied, as one transaction that psql and others run as it is; empty when nothing would. For pipelines
 * in which the app's role may create nothing.
 */
export async function migrationSql (target: MigrationTarget, set = ledgerMigrations): Promise<string> {
  return await withConnection(target, async client => {
    const { schemaExists, pending } = await look(client, set)
    if (pending.length === 0) return ''
    const parts = pending.map(migration => `-- ${migration.name}\n${migration.text.trim()}\n\n${journalEntry(set, migration)};`)
    return ['begin;', `${lockOf(set)};`, `${journalOf(set, schemaExists)};`, ...parts, 'commit;', ''].join('\n\n')
  })
}

/** Name and address of a database, without its password. */
export function addressOf (client: pg.ClientBase): string {
  const { database, host, port } = client as pg.Client
  return `${database} at ${host}:${port}`
}

/** Works on a connection to the target; one that was opened for it is closed again. */
async function withConnection<T> (target: MigrationTarget, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  if (typeof target === 'string') {
    const client = connectionTo(target)
    // A connection that breaks fails the query at work; without a listener it would end the process besides.
    client.on('error', () => {})
    await client.connect().catch((error: unknown) => {
      throw new Error(`The database ${addressOf(client)} cannot be used: ${reasonOf(error)}.`, { cause: error })
    })
    return await readable(client, work).finally(() => client.end())
  }
  if (!('totalCount' in target)) return await readable(target, work)
  const client = await connectionOf(target)
  return await readable(client, work).finally(() => { client.release() })
}

async function connectionOf (pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw new Error(`The database cannot be used: ${reasonOf(error)}.`, { cause: error })
  }
}

/** Works; and a role that may not read what is there is told so. */
async function readable<T> (client: pg.ClientBase, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  try {
    return await work(client)
  } catch (error) {
    if ((error as pg.DatabaseError).code !== '42501') throw error
    throw new Error(`The database ${addressOf(client)} cannot be used: ${(error as Error).message}. ` +
      'Grant its role what docs/database.md lists under "Roles".', { cause: error })
  }
}

/** What is applied and what is not. Only reads. */
async function look (client: pg.ClientBase, set: MigrationSet): Promise<{ schemaExists: boolean, pending: Migration[], unknown: string[] }> {
  const { rows: [found] } = await client.query<{ version: string, exists: boolean, journal: boolean, empty: boolean }>(`
    select
      current_setting('server_version') as version,
      exists (select from pg_namespace where nspname = $1) as exists,
      (select count(*) from pg_attribute where attrelid = to_regclass($1 || '.migrations')
        and attname in ('name', 'checksum', 'applied_at') and not attisdropped) = 3 as journal,
      not exists (select from pg_class where relnamespace = to_regnamespace($1)) and
        not exists (select from pg_proc where pronamespace = to_regnamespace($1)) as empty`, [set.schema])
  if (found === undefined) throw new Error('No answer')
  if (Number.parseInt(found.version, 10) < OLDEST_POSTGRESQL) {
    throw new Error(`The database ${addressOf(client)} is PostgreSQL ${found.version}, and the oldest that is supported is ${OLDEST_POSTGRESQL}. Nothing was changed.`)
  }
  if (!found.journal && !found.empty) {
    throw new Error(`The database ${addressOf(client)} has a schema ${set.schema} that is not of this program: it has no journal ` +
      `${set.schema}.migrations. Nothing was changed. Rename that schema, or use another database.`)
  }
  const { rows } = found.journal
    ? await client.query<{ name: string, checksum: string }>(`select name, checksum from ${set.schema}.migrations order by name`)
    : { rows: [] }
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  const files = migrationsOf(set)
  for (const { name, checksum } of files) {
    if ((applied.get(name) ?? checksum) !== checksum) {
      throw new Error(`The migration ${name} of the schema ${set.schema} was changed after it was applied to the database ${addressOf(client)}. ` +
        'Restore the file, and make the change in a new one.')
    }
  }
  const known = new Set(files.map(({ name }) => name))
  return {
    schemaExists: found.exists,
    pending: files.filter(({ name }) => !applied.has(name)),
    unknown: [...applied.keys()].filter(name => !known.has(name))
  }
}

function migrationsOf ({ folder }: MigrationSet): Migration[] {
  const path = packageFile(folder)
  return readdirSync(path).filter(name => name.endsWith('.sql')).sort().map(name => {
    // As git may check it out on Windows, it is the same file.
    const text = readFileSync(join(path, name), 'utf8').replaceAll('\r\n', '\n')
    return { name, text, checksum: createHash('sha256').update(text).digest('hex') }
  })
}

async function apply (client: pg.ClientBase, set: MigrationSet, migration: Migration): Promise<void> {
  // Another process may have applied it while this one waited for the lock.
  const { schemaExists, pending } = await look(client, set)
  if (!pending.some(({ name }) => name === migration.name)) return
  await client.query(journalOf(set, schemaExists))
  await client.query(migration.text)
  await client.query(journalEntry(set, migration))
}

/** The lock ends with the transaction: a lock of the session would stay behind in a pooler. */
async function inLockedTransaction (client: pg.ClientBase, set: MigrationSet, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query(lockOf(set))
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

const lockOf = ({ schema }: MigrationSet) => `select pg_advisory_xact_lock(hashtextextended('migrations of ${schema}', 0))`

/** Whoever may not create a schema may not say "if not exists" either. */
function journalOf ({ schema }: MigrationSet, schemaExists: boolean): string {
  return `${schemaExists ? '' : `create schema if not exists ${schema};\n`}create table if not exists ${schema}.migrations (
  name text primary key,
  checksum text not null,
  applied_at timestamptz not null default now()
)`
}

const journalEntry = ({ schema }: MigrationSet, { name, checksum }: Migration) => `insert into ${schema}.migrations (name, checksum) values ('${name}', '${checksum}')`

/** A refusal of the database's with what to do; any other error as it is. */
function refusalOf (error: unknown, { schema }: MigrationSet, schemaExists: boolean, database: string): unknown {
  const { code, message } = error as pg.DatabaseError
  if (code !== '42501' && code !== '25006') return error
  return new Error(`The schema ${schema} cannot be ${schemaExists ? 'brought up to date' : 'made'} in the database ${database}: ${message}. ` +
    'Have a role that may create it run `npx fastify-affitor migrate`, or what `npx fastify-affitor migrate --sql` prints.', { cause: error })
}

function areNot (names: string[]): string {
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not`
}

function connectionTo (connectionString: string): pg.Client {
  try {
    return new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_SECONDS * 1_000, application_name: 'fastify-affitor migrate' })
  } catch (error) {
    throw new Error(`The address of the database cannot be read: ${(error as Error).message}.`, { cause: error })
  }
}

/** The reason that a connection failed, and what to do where that is known; without a full stop. */
function reasonOf (error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ECONNREFUSED': return 'nothing listens there'
    case 'ENOTFOUND': case 'EAI_AGAIN': return 'there is no host of this name'
    case 'EHOSTUNREACH': case 'ENETUNREACH': return 'there is no way to this host'
    case '3D000': return `${message}. Create it, or name another one`
  }
  if (code === 'ETIMEDOUT' || message === 'timeout expired') return `no answer within ${CONNECT_SECONDS} seconds`
  if (CERTIFICATE_CODES.test(code)) {
    return `its certificate is not trusted (${message}). Name the file of the authority that signed it in the connection string, ` +
      'sslmode=verify-full&sslrootcert=FILE; or encrypt without knowing the server, sslmode=no-verify'
  }
  if (message.includes('does not support SSL')) return `${message}. Take sslmode and the like out of the connection string`
  if (/pg_hba\.conf .*(no encryption|SSL off)/.test(message)) {
    return `${message}. It wants TLS: add sslmode=verify-full to the connection string`
  }
  if (message.includes('unsupported startup parameter')) {
    return `${message}. A connection pooler refuses it: take it out of the connection string or the options of the pool`
  }
  return message || code || 'no reason was given'
}

const CERTIFICATE_CODES = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_ALTNAME_INVALID)$/
