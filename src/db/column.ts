import { sql } from 'drizzle-orm'
import type { Param } from 'drizzle-orm'

/** One column of several rows, as a parameter for `unnest`. */
export function column<Row> (rows: Row[], valueOf: (row: Row) => string | number | null | undefined): Param {
  return sql.param(rows.map(row => valueOf(row) ?? null))
}
