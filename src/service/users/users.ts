import { and, eq, isNull, sql } from 'drizzle-orm'
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
