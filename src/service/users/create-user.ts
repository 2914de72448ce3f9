import { randomUUID } from 'node:crypto'
import type { Database } from '../../db/pool.js'
import { ApiError } from '../../errors.js'
import { insertUserWithLead } from './insert-user-with-lead.js'
import { hashPassword } from './passwords.js'

export interface NewAccount {
  email: string
  password: string
  clickId?: string | undefined
}

/**
 * Stores the user and the lead together.
 * @returns the user's id, which is the customer key everywhere
 * @throws {ApiError} EMAIL_TAKEN
 */
export async function createUser (db: Database, { email, password, clickId }: NewAccount): Promise<string> {
  const id = randomUUID()
  const passwordHash = await hashPassword(password)
  if (!await insertUserWithLead(db, { id, email, passwordHash, clickId })) throw new ApiError('EMAIL_TAKEN')
  return id
}
