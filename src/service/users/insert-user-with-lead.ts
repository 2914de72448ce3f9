import { sql } from 'drizzle-orm'
import type { Database } from '../../db/pool.js'
import { acceptance, inSpan } from '../../tracing.js'

export interface Signup {
  /** The user's id, which is the customer key everywhere. */
  id: string
  email: string
  passwordHash: string
  clickId: string | undefined
  signupKey: string | undefined
}

/**
 * Stores a user and its lead in one statement: neither can be without the other. Without a click the lead is sent all
 * the same: Affitor may attribute by e-mail.
 * @returns the ids of both; undefined when the e-mail, in any case of letters, or the key is taken: nothing was stored
 */
export async function insertUserWithLead (db: Database, { id, email, passwordHash, clickId, signupKey }: Signup): Promise<{ userId: string, leadId: number } | undefined> {
  const { rows: [created] } = await inSpan(acceptance('tracking_events', { 'affitor.fact.kind': 'lead' }), ({ traceparent }) => db.execute<{ userId: string, leadId: number }>(sql`
    with created as (
      insert into affitor_service.users (id, email, password_hash, affitor_click_id, signup_key)
      values (${id}, ${email}, ${passwordHash}, ${clickId ?? null}, ${signupKey ?? null})
      on conflict do nothing
      returning *
    )
    select created.id as "userId", lead.id::float8 as "leadId" from created, affitor.track_lead(
      customer_key => created.id, email => created.email, click_id => created.affitor_click_id, source => 'signup',
      traceparent => ${traceparent ?? null}) lead`))
  return created
}
