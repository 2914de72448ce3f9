import type { SqlExecutor } from '../database.js'
import { requireMethods, rowsOf, toParameters } from './statement.js'

/** What `CompiledQuery.raw` of Kysely makes. */
interface CompiledQuery {
  readonly sql: string
  readonly parameters: readonly unknown[]
  // A node of Kysely's own syntax tree.
  readonly query: any
  readonly queryId: { readonly queryId: string }
}

/** A transaction of Kysely on PostgreSQL, as far as it is used. */
export interface KyselyTransaction {
  withoutPlugins (): { executeQuery (query: CompiledQuery): PromiseLike<unknown> }
}

/**
 * Lets `trackLead`, `trackSale` and `trackRefund` be part of a transaction of Kysely.
 * @param trx of `db.transaction().execute(async trx => ...)`, or a controlled one
 */
export function fromKysely (trx: KyselyTransaction): SqlExecutor {
  requireMethods(trx, ['withoutPlugins', 'executeQuery'], 'fromKysely takes a transaction of Kysely: fromKysely(trx).')
  return {
    async query (text, values) {
      // Plugins such as CamelCasePlugin would rename the columns.
      return {
        rows: rowsOf(await trx.withoutPlugins().executeQuery({
          sql: text,
          parameters: toParameters(values),
          query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
          queryId: { queryId: 'affitor' }
        }))
      }
    }
  }
}
