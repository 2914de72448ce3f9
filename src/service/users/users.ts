import { and, eq, gt, isNull, lte, sql } from 'drizzle-orm'
import { users } from './table.js'
import type { Queryable } from '../../db/pool.js'

export interface User {
  id: string
  email: string
  affitorClickId: string | null
}

const columns = { id: users.id, email: users.email, affitorClickId: users.affitorClickId }

export async function findUser (db: Queryable, id: string): Promise<User | undefined> {
  const [user] = await db.select(columns).from(users).where(and(eq(users.id, id), isNull(users.deletedAt)))
  return user
}

export async function findUserByEmail (db: Queryable, email: string): Promise<(User & { passwordHash: string }) | undefined> {
  const [user] = await db.select({ ...columns, passwordHash: users.passwordHash }).from(users)
    .where(and(eq(sql`lower(${users.email})`, email.toLowerCase()), isNull(users.deletedAt)))
  return user
}

/** Since when a signup is answered again under its key. */
const KEPT_SINCE = sql`now() - interval '24 hours'`

/** Who signed up with a key within the last 24 hours. */
export async function findUserBySignupKey (db: Queryable, signupKey: string): Promise<(User & { passwordHash: string }) | undefined> {
  const [user] = await db.select({ ...columns, passwordHash: users.passwordHash }).from(users)
    .where(and(eq(users.signupKey, signupKey), gt(users.createdAt, KEPT_SINCE)))
  return user
}

/** @returns whether the key was that of an older signup, and is free now */
export async function forgetOldSignupKey (db: Queryable, signupKey: string): Promise<boolean> {
  const forgotten = await db.update(users).set({ signupKey: null }).where(and(eq(users.signupKey, signupKey), lte(users.createdAt, KEPT_SINCE)))
  return forgotten.rowCount === 1
}
