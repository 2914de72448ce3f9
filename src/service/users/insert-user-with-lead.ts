import { sql } from 'drizzle-orm'
import type { LeadPayload } from '../../../schemas/tracking.js'
import type { Database } from '../../db/pool.js'

export interface Signup {
  /** The user's id, which is the customer key everywhere. */
  id: string
  email: string
  passwordHash: string
  clickId: string | undefined
}

/**
 * Stores a user and its lead in one statement: neither can be without the other.
 * @returns false when the e-mail, in any case of letters, is taken: nothing was stored
 */
export async function insertUserWithLead (db: Database, { id, email, passwordHash, clickId }: Signup): Promise<boolean> {
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
  return rowCount === 1
}
