import { eq, sql } from 'drizzle-orm'
import { users } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'

export interface User {
  id: string
  email: string
  affitorClickId: string | null
}

export interface NewUser extends User {
  passwordHash: string
}

const columns = { id: users.id, email: users.email, affitorClickId: users.affitorClickId }

/**
 * Stores a user.
 * @returns false when the e-mail, in any case of letters, is taken: nothing was stored
 */
export async function insertUser (db: Queryable, user: NewUser): Promise<boolean> {
  const inserted = await db.insert(users).values(user).onConflictDoNothing().returning({ id: users.id })
  return inserted.length === 1
}

export async function findUser (db: Queryable, id: string): Promise<User | undefined> {
  const [user] = await db.select(columns).from(users).where(eq(users.id, id))
  return user
}

export async function findUserByEmail (db: Queryable, email: string): Promise<(User & { passwordHash: string }) | undefined> {
  const [user] = await db.select({ ...columns, passwordHash: users.passwordHash }).from(users)
    .where(eq(sql`lower(${users.email})`, email.toLowerCase()))
  return user
}
