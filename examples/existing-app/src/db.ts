import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { boolean, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import pg from 'pg'

export const users = pgTable('users', {
  id: uuid('id').primaryKey().defaultRandom(),
  email: text('email').notNull().unique(),
  passwordHash: text('password_hash').notNull(),
  isAdmin: boolean('is_admin').notNull().default(false),
  paidAt: timestamp('paid_at', { withTimezone: true })
})

export type Database = ReturnType<typeof drizzle>

/** Connects, and brings the shop's own tables up to date. */
export async function openDatabase (connectionString: string): Promise<{ pool: pg.Pool, db: Database }> {
  const pool = new pg.Pool({ connectionString })
  const db = drizzle(pool)
  await migrate(db, { migrationsFolder: join(import.meta.dirname, '../drizzle') })
  return { pool, db }
}
