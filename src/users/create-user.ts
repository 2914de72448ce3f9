import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { LeadPayload } from '../../schemas/tracking.js'
import type { Database } from '../db/pool.js'
import { ApiError } from '../errors.js'
import { hashPassword } from './passwords.js'

export interface NewAccount {
  email: string
  password: string
  clickId?: string | undefined
}

/**
 * Stores the user and the lead in one statement: neither can be without the other.
 * @returns the user's id, which is the customer key everywhere
 * @throws {ApiError} EMAIL_TAKEN
 */
export async function createUser (db: Database, { email, password, clickId }: NewAccount): Promise<string> {
  const id = randomUUID()
  const passwordHash = await hashPassword(password)
  // Without a click the lead is sent all the same: Affitor may attribute by e-mail.
  const lead: LeadPayload = { v: 1, email, ...(clickId === undefined ? {} : { clickId }) }
  const { rowCount } = await db.execute(sql`
    with created as (
      insert into users (id, email, password_hash, affitor_click_id)
      values (${id}, ${email}, ${passwordHash}, ${clickId ?? null})
      on conflict do nothing
      returning id
    )
    insert into tracking_events (kind, transaction_id, customer_key, payload, source)
    select 'lead', id, id, ${JSON.stringify(lead)}::jsonb, 'signup' from created`)
  if (rowCount === 0) throw new ApiError('EMAIL_TAKEN')
  return id
}
