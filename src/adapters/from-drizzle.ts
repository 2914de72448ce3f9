import type { SqlExecutor } from '../database.js'
import { requireMethods, rowsOf, splitStatement } from './statement.js'

/** A transaction of `drizzle-orm` on PostgreSQL, as far as it is used. */
export interface DrizzleTransaction {
  execute (query: unknown): PromiseLike<unknown>
}

/** The `sql` of `drizzle-orm`, as far as it is used. */
export interface DrizzleSql {
  raw (text: string): unknown
  param (value: unknown): unknown
  // Drizzle's own chunks, whose types are its own.
  join (chunks: any[]): unknown
}

/**
 * Lets `trackLead`, `trackSale` and `trackRefund` be part of a transaction of Drizzle.
 * @param tx of `db.transaction(async tx => ...)`, with the driver of `pg` or of `postgres`
 * @param sql `import { sql } from 'drizzle-orm'`
 */
export function fromDrizzle (tx: DrizzleTransaction, sql: DrizzleSql): SqlExecutor {
  requireMethods(tx, ['execute'], 'fromDrizzle takes a transaction of Drizzle on PostgreSQL first: fromDrizzle(tx, sql).')
  requireMethods(sql, ['raw', 'param', 'join'], 'fromDrizzle takes the `sql` of drizzle-orm second: fromDrizzle(tx, sql).')
  return {
    async query (text, values) {
      const { parts, parameters } = splitStatement(text, values)
      const chunks = parts.flatMap((part, index) =>
        index < parameters.length ? [sql.raw(part), sql.param(parameters[index])] : [sql.raw(part)])
      return { rows: rowsOf(await tx.execute(sql.join(chunks))) }
    }
  }
}
