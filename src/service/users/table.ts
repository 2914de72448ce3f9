import { sql } from 'drizzle-orm'
import { pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

/** Who signed up; the customers of the ledger are these users, by their ids. */
export const users = pgTable('users', {
  id: text().primaryKey(),
  email: text().notNull(),
  passwordHash: text('password_hash').notNull(),
  affitorClickId: text('affitor_click_id'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow()
}, table => [
  uniqueIndex('users_email_key').on(sql`lower(${table.email})`)
])
