import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { startEmbeddedPostgres } from '../../src/db/embedded.js'
import { migrate } from '../../src/db/migrate.js'
import type { Closers } from './closers.js'

export interface BenchPostgres {
  version: string
  /** Makes a database with the service's tables, and a connection to look into it. */
  database (name: string): Promise<BenchDatabase>
  /** Writes out what is only in the log so far: no side is to pay for another one's writes. */
  checkpoint (): Promise<void>
}

export interface BenchDatabase {
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

/** Starts the embedded PostgreSQL, with its durable settings, on a temporary directory. */
export async function startPostgres (closers: Closers): Promise<BenchPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fastify-affitor-bench-'))
  closers.add(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  // Root's server runs as another user, who must pass this folder.
  await chmod(dataDir, 0o755)
  const server = await startEmbeddedPostgres({ dataDir })
  closers.add(server.stop)
  const admin = new pg.Client({ connectionString: server.adminConnectionString })
  await admin.connect()
  closers.add(() => admin.end())
  const { rows: [shown] } = await admin.query<{ server_version: string }>('show server_version')

  return {
    version: shown?.server_version ?? 'unknown',
    async checkpoint () { await admin.query('checkpoint') },
    async database (name) {
      await admin.query(`create database ${name} owner affitor`)
      closers.add(() => admin.query(`drop database ${name} with (force)`))
      const url = server.connectionString.replace(/\/affitor\?/, `/${name}?`)
      await migrate(url)
      const client = new pg.Client({ connectionString: url })
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
  }
}
