import { checkoutSessions } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'

export type CheckoutSessionRow = typeof checkoutSessions.$inferSelect

/** Remembers that a customer was sent to pay. The same session again, of a repeated request, changes nothing. */
export async function insertCheckoutSession (db: Queryable, session: Omit<CheckoutSessionRow, 'createdAt'>): Promise<void> {
  await db.insert(checkoutSessions).values(session).onConflictDoNothing()
}
