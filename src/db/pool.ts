import { drizzle } from 'drizzle-orm/node-postgres'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { processOf } from './session.js'

export interface DatabaseOptions {
  connectionString: string
  /** Most connections at once. */
  poolSize: number
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void
}

/** The pool, or a transaction on it: what every query function takes first. */
export type Database = NodePgDatabase
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]
type TransactionConfig = Parameters<Database['transaction']>[1]
export type Queryable = Database | Transaction

/** How long a request waits for a connection before it is answered 503, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000
/** No query of ours takes longer than this on a working database, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 15_000

export function openDatabase (options: DatabaseOptions): { pool: pg.Pool, db: Database } {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // The server cannot cancel what a cut network no longer brings to it, and has no limits of ours behind a pooler.
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    verify: (client, done) => { limit(client).then(() => done(), done) },
    application_name: 'fastify-affitor',
    keepAlive: true
  })
  // Without a listener, one broken idle connection would end the process.
  pool.on('error', error => options.onIdleError?.(error))
  return { pool, db: databaseOn(pool) }
}

/**
 * Has the server end what takes too long, if the session is ours. Not by startup parameters, which PgBouncer refuses, and
 * nothing is set in a pooler's session, which others have after us.
 */
async function limit (client: pg.ClientBase): Promise<void> {
  const query = `
    select set_config('statement_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false)
    where pg_backend_pid() = $2`
  // Nobody listens to a connection that the pool has not handed out yet, and one that breaks now would end the process.
  const ignore = () => {}
  client.on('error', ignore)
  try {
    await client.query({ text: query, values: [String(STATEMENT_TIMEOUT_MS), processOf(client)], query_timeout: CONNECT_TIMEOUT_MS } as pg.QueryConfig)
  } finally {
    client.removeListener('error', ignore)
  }
}

/** Queries and transactions on a pool, which stays as it is. */
export function databaseOn (pool: pg.Pool): Database {
  const db = drizzle(pool)
  db.transaction = (work, config) => transactionOn(pool, work, config)
  return db
}

/**
 * What opens another connection as those of a pool: the pool keeps its password out of sight of a spread.
 * @param pool of `pg`
 */
export function connectionOf ({ options }: pg.Pool): pg.ClientConfig {
  return { ...options, password: options.password, ssl: options.ssl }
}

/**
 * Drizzle's own loses a connection of the pool whenever `begin` fails, and puts one back whose rollback
 * failed, with the transaction open in it.
 */
async function transactionOn<T> (pool: pg.Pool, work: (tx: Transaction) => Promise<T>, config?: TransactionConfig): Promise<T> {
  const client = await pool.connect()
  // The pool listens to idle connections only; one that breaks within a transaction would end the process. The
  // transaction learns of it by its next query.
  const ignore = () => {}
  client.on('error', ignore)
  let broken = false
  try {
    return await drizzle(inTurn(client)).transaction(work, config)
  } catch (error) {
    broken = isDatabaseUnavailable(error)
    throw error
  } finally {
    client.removeListener('error', ignore)
    client.release(broken)
  }
}

/**
 * The same connection, whose queries go one after the other, as pg wants it of its callers; and which fail at once when one
 * has failed because the database is away. A rollback behind a query that is not answered would wait for as long again, and
 * closing the connection rolls back as well.
 */
function inTurn (client: pg.PoolClient): pg.PoolClient {
  let failure: unknown
  let last: Promise<unknown> = Promise.resolve()
  async function query (...args: Parameters<pg.PoolClient['query']>): Promise<unknown> {
    if (failure !== undefined) throw failure
    try {
      return await client.query(...args)
    } catch (error) {
      if (isDatabaseUnavailable(error)) failure = error
      throw error
    }
  }
  const queryInTurn = async (...args: Parameters<pg.PoolClient['query']>): Promise<unknown> => {
    const turn = last.then(() => query(...args))
    last = turn.catch(() => {})
    return await turn
  }
  return Object.create(client, { query: { value: queryInTurn } })
}

// SQLSTATE classes and codes of a database that is away, going away, closed to us, or full of connections: what a
// retry cures, or an operator.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const UNAVAILABLE_CODES = /^(08...|57P0[1-5]|57014|53...|58...|25006|25P0[34]|28...|3D000|40...|55000|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/
const UNAVAILABLE_MESSAGES = /timeout exceeded when trying to connect|timeout expired|Connection terminated|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end/

/** Whether a failure means that the database could not be asked, rather than that the query is wrong. */
export function isDatabaseUnavailable (error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown }
    if (typeof code === 'string' && UNAVAILABLE_CODES.test(code)) return true
    if (UNAVAILABLE_MESSAGES.test(cause.message)) return true
    if (cause instanceof AggregateError && cause.errors.some(isDatabaseUnavailable)) return true
  }
  return false
}
