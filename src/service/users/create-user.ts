import { createHash, randomUUID } from 'node:crypto'
import type { Database } from '../../db/pool.js'
import { ApiError } from '../../errors.js'
import { insertUserWithLead } from './insert-user-with-lead.js'
import { hashPassword, verifyPassword } from './passwords.js'
import { findUserBySignupKey, forgetOldSignupKey } from './users.js'

export interface NewAccount {
  email: string
  password: string
  clickId?: string | undefined
  /** The caller's: the same one again makes no second user. */
  idempotencyKey?: string | undefined
}

/**
 * Stores the user and the lead together.
 * @returns the user's id, which is the customer key everywhere, and the lead's; of a repetition the id of the user there is
 * @throws {ApiError} EMAIL_TAKEN or IDEMPOTENCY_KEY_REUSED
 */
export async function createUser (db: Database, account: NewAccount): Promise<{ userId: string, leadId?: number }> {
  const { email, password, clickId, idempotencyKey } = account
  const signupKey = idempotencyKey === undefined ? undefined : createHash('sha256').update(idempotencyKey).digest('hex')
  const signup = { id: randomUUID(), email, passwordHash: await hashPassword(password), clickId, signupKey }
  const created = await insertUserWithLead(db, signup)
  if (created !== undefined) return created
  if (signupKey === undefined) throw new ApiError('EMAIL_TAKEN')
  const earlier = await findUserBySignupKey(db, signupKey)
  if (earlier !== undefined) {
    // The password proves that whoever repeats it is who signed up: the key is no secret.
    // A click that comes later is another request: answered as a repetition, it would be dropped without a word.
    const isSame = earlier.email.toLowerCase() === email.toLowerCase() && (clickId === undefined || clickId === earlier.affitorClickId) &&
      await verifyPassword(earlier.passwordHash, password)
    if (!isSame) throw new ApiError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key came with another signup before. Send a new key for a new user.')
    return { userId: earlier.id }
  }
  const later = await forgetOldSignupKey(db, signupKey) ? await insertUserWithLead(db, signup) : undefined
  if (later !== undefined) return later
  throw new ApiError('EMAIL_TAKEN')
}
