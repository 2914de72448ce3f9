import { sql } from 'drizzle-orm'
import type { Transaction } from '../db/pool.js'

/**
 * Waits until no other transaction holds one of these, and holds them until this one ends. In one order everywhere, so
 * that two that share several cannot wait for each other.
 */
export async function lock (tx: Transaction, what: 'customer' | 'stripe', keys: string[]): Promise<void> {
  await tx.execute(sql`
    select pg_advisory_xact_lock(hashtextextended(${`${what} `} || key, 0))
    from unnest(${sql.param([...new Set(keys)].sort())}::text[]) as key`)
}
