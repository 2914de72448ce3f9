import { sql } from 'drizzle-orm'
import type { Transaction } from '../db/pool.js'

/**
 * Waits until no other transaction holds one of these Stripe objects, and holds them until this one ends. In one order
 * everywhere, so that two that share several cannot wait for each other.
 */
export async function lockStripeObjects (tx: Transaction, ids: string[]): Promise<void> {
  await tx.execute(sql`
    select pg_advisory_xact_lock(hashtextextended('stripe ' || id, 0))
    from unnest(${sql.param([...new Set(ids)].sort())}::text[]) as id`)
}

/**
 * Keeps others from adding facts of these customers until this transaction ends (`affitor.lock_customers`), without
 * waiting for those who do: an app may hold its customer for as long as its own transaction is open.
 * @returns the customers that are held
 */
export async function tryLockCustomers (tx: Transaction, customerKeys: string[]): Promise<Set<string>> {
  if (customerKeys.length === 0) return new Set()
  const { rows } = await tx.execute<{ key: string, held: boolean }>(sql`
    select key, pg_try_advisory_xact_lock(hashtextextended('customer ' || key, 0)) as held
    from unnest(${sql.param([...new Set(customerKeys)])}::text[]) as key`)
  return new Set(rows.filter(({ held }) => held).map(({ key }) => key))
}
