import { randomUUID } from 'node:crypto'
import type { Database } from '../db/pool.js'
import { ApiError } from '../errors.js'
import { insertFacts } from '../ledger/facts.js'
import { hashPassword } from './passwords.js'
import { insertUser } from './users.js'

export interface NewAccount {
  email: string
  password: string
  clickId?: string | undefined
}

/**
 * Stores the user and the lead in one transaction: neither can be without the other.
 * @returns the user's id, which is the customer key everywhere
 * @throws {ApiError} EMAIL_TAKEN
 */
export async function createUser (db: Database, { email, password, clickId }: NewAccount): Promise<string> {
  const id = randomUUID()
  const passwordHash = await hashPassword(password)
  await db.transaction(async tx => {
    const inserted = await insertUser(tx, { id, email, passwordHash, affitorClickId: clickId ?? null })
    if (!inserted) throw new ApiError('EMAIL_TAKEN')
    await insertFacts(tx, [{
      source: 'signup',
      kind: 'lead',
      transactionId: id,
      customerKey: id,
      // Without a click the lead is sent all the same: Affitor may attribute by e-mail.
      payload: { v: 1, email, ...(clickId === undefined ? {} : { clickId }) }
    }])
  })
  return id
}
