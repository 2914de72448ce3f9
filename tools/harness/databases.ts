import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { makeTables } from './tables.js'
import type { Closers } from './closers.js'

/** A database with the service's tables, and a connection to look into it. */
export interface OpenedDatabase {
  url: string
  query<Columns extends pg.QueryResultRow> (sql: string, values?: unknown[]): Promise<Columns[]>
  /** The number of rows that a query counts. */
  count (sql: string, values?: unknown[]): Promise<number>
  /**
   * Waits until a query counts so many.
   * @throws after two minutes
   */
  until (sql: string, expected: number): Promise<void>
}

const PATIENCE_MS = 120_000
/** Counting must not take much of what is measured, in milliseconds. */
const POLL_MS = 250

/** Where whoever looks into the database from outside finds the tables by their bare names; the service names their schemas. */
export const LOOKS_INTO = '-c search_path=affitor,affitor_service,public'

/** Connects, works, disconnects. */
export async function withClient<T> (connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString, options: LOOKS_INTO })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The same server and user, another database. */
export function inDatabase (connectionString: string, name: string): string {
  const url = new URL(connectionString)
  url.pathname = `/${name}`
  return url.href
}

/** Makes a database on a server and opens it; both end with the closers. */
export async function makeDatabase (closers: Closers, server: { connectionString: string, adminConnectionString: string }, name: string): Promise<OpenedDatabase> {
  const asAdmin = (sql: string) => withClient(server.adminConnectionString, client => client.query(sql))
  const url = inDatabase(server.connectionString, name)
  await asAdmin(`create database ${name} owner ${new URL(url).username}`)
  closers.add(() => asAdmin(`drop database ${name} with (force)`))
  await makeTables(url)
  const client = new pg.Client({ connectionString: url, options: LOOKS_INTO })
  await client.connect()
  closers.add(() => client.end())
  const query = async (sql: string, values?: unknown[]) => (await client.query(sql, values)).rows
  const count = async (sql: string, values?: unknown[]) => Number(Object.values((await query(sql, values))[0])[0])
  return {
    url,
    query,
    count,
    async until (sql, expected) {
      for (const end = performance.now() + PATIENCE_MS; await count(sql) !== expected; await delay(POLL_MS)) {
        if (performance.now() > end) throw new Error(`After ${PATIENCE_MS / 1000} s it is still ${await count(sql)} for: ${sql}`)
      }
    }
  }
}
