import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'

/**
 * Rows that a claim took whose answer the owner never got, because the connection broke: they are leased to it, and not
 * among those it has in hand. Without this they would wait for their leases to run out.
 * @param type of the column `id`
 */
export function lostBy (owner: string, held: Array<string | number> | undefined, type: SQL): SQL {
  return held === undefined ? sql`false` : sql`(leased_by = ${owner} and id <> all(${sql.param(held)}::${type}[]))`
}
