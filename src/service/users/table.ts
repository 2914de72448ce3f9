import { pgSchema, text, timestamp } from 'drizzle-orm/pg-core'

/** Who signed up; the customers of the ledger are these users, by their ids. */
export const users = pgSchema('affitor_service').table('users', {
  id: text().primaryKey(),
  email: text().notNull(),
  passwordHash: text('password_hash').notNull(),
  affitorClickId: text('affitor_click_id'),
  /** SHA-256 of the Idempotency-Key of the signup, in hex. */
  signupKey: text('signup_key'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  /** When the personal data was deleted: nobody logs in as this user. */
  deletedAt: timestamp('deleted_at', { withTimezone: true })
})
