import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle as drizzleOnPg } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import t from 'tap'
import { fromDrizzle } from '../../src/adapters/index.js'
import { testAdapter } from './cases.js'
import type { Host } from './cases.js'

const hostUsers = pgTable('host_users', { id: text().primaryKey() })

const isOwnError: Host['isOwnError'] = (error, code) => error instanceof DrizzleQueryError && (error.cause as { code?: string } | undefined)?.code === code

testAdapter('Drizzle, with pg', connectionString => {
  const pool = new pg.Pool({ connectionString, max: 1 })
  const db = drizzleOnPg(pool, { casing: 'snake_case' })
  return {
    transaction: async work => { await db.transaction(async tx => await work(fromDrizzle(tx, sql), async id => await tx.insert(hostUsers).values({ id }))) },
    isOwnError,
    close: async () => { await pool.end() }
  }
})

testAdapter('Drizzle, with postgres', connectionString => {
  const client = postgres(connectionString, { max: 1 })
  const db = drizzleOnPostgresJs(client)
  return {
    transaction: async work => { await db.transaction(async tx => await work(fromDrizzle(tx, sql), async id => await tx.insert(hostUsers).values({ id }))) },
    isOwnError,
    close: async () => { await client.end() }
  }
})

t.test('what is no transaction of Drizzle, or not its sql, is refused at once', async t => {
  const tx = { execute: async () => ({ rows: [] }) }
  for (const other of [undefined, null, 7, 'tx', {}, new pg.Client()]) {
    // @ts-expect-error none of these has `execute`
    t.throws(() => fromDrizzle(other, sql), new TypeError('fromDrizzle takes a transaction of Drizzle on PostgreSQL first: fromDrizzle(tx, sql).'))
  }
  for (const other of [undefined, null, 7, 'sql', {}, () => 'sql']) {
    // @ts-expect-error none of these is `sql`
    t.throws(() => fromDrizzle(tx, other), new TypeError('fromDrizzle takes the `sql` of drizzle-orm second: fromDrizzle(tx, sql).'))
  }
})
