import { eq } from 'drizzle-orm'
import type { SqlExecutor } from '../../database.js'
import type { Queryable } from '../../db/pool.js'
import { users } from './table.js'

/** Leaves of a user the id, which the customer's facts have too: nobody can log in as it, and the e-mail is free again. */
export async function forgetUser (db: SqlExecutor, id: string): Promise<void> {
  await db.query(`
    update affitor_service.users set email = id || '@deleted.invalid', password_hash = '', affitor_click_id = null, signup_key = null, deleted_at = coalesce(deleted_at, now())
    where id = $1`, [id])
}

/** What is stored of a user, but for the password; undefined when there is none. */
export async function exportUser (db: Queryable, id: string) {
  const [user] = await db.select({
    id: users.id, email: users.email, affitorClickId: users.affitorClickId, createdAt: users.createdAt, deletedAt: users.deletedAt
  }).from(users).where(eq(users.id, id))
  return user
}
