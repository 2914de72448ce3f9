import type { QueryResultRow } from 'pg'
import { withClient } from './postgres-server.js'

/** Rows of one statement, on a connection of its own. */
export async function query<Row extends QueryResultRow> (
  connectionString: string, text: string, values: unknown[] = []
): Promise<Row[]> {
  return await withClient(connectionString, async client => (await client.query<Row>(text, values)).rows)
}

export interface RowCounts { users: number, leads: number, stripeEvents: number }

/** How many rows there are of what a request can store. */
export async function countRows (connectionString: string): Promise<RowCounts> {
  const [counts] = await query<RowCounts>(connectionString, `select
    (select count(*)::int from users) as users,
    (select count(*)::int from tracking_events where kind = 'lead') as leads,
    (select count(*)::int from stripe_events) as "stripeEvents"`)
  if (counts === undefined) throw new Error('no counts')
  return counts
}
