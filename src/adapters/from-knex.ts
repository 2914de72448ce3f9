import type { SqlExecutor } from '../database.js'
import { requireMethods, rowsOf, splitStatement } from './statement.js'

/** A transaction of Knex on PostgreSQL, as far as it is used. */
export interface KnexTransaction {
  // Bindings have a type of Knex's own.
  raw (sql: string, bindings: any[]): PromiseLike<unknown>
}

/**
 * Lets `trackLead`, `trackSale` and `trackRefund` be part of a transaction of Knex.
 * @param trx of `knex.transaction(async trx => ...)`, with the client `pg`
 */
export function fromKnex (trx: KnexTransaction): SqlExecutor {
  requireMethods(trx, ['raw'], 'fromKnex takes a transaction of Knex: fromKnex(trx).')
  return {
    async query (text, values) {
      const { parts, parameters } = splitStatement(text, values)
      // A question mark is a parameter to Knex, unless a backslash is before it.
      const sql = parts.map(part => part.replaceAll('?', '\\?')).join('?')
      return { rows: rowsOf(await trx.raw(sql, parameters)) }
    }
  }
}
