import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { trackingEvents } from '../db/tables.js'

/*
 * What the operator sees of a fact or a Stripe event beside its own columns. The tables are named in full and not as
 * Drizzle's columns, which it writes without their table where a query has but one: there they would be the inner one's.
 */

type Table = 'tracking_events' | 'stripe_events'

/** The lead that tells who a customer is. */
export type LeadOfCustomer = Pick<typeof trackingEvents.$inferSelect, 'state'> & { email: string | null }

/** The lead of the row's customer; null when there is none. */
export function leadColumn (table: Table): SQL<LeadOfCustomer | null> {
  return sql`(select jsonb_build_object('email', lead.payload->>'email', 'state', lead.state)
    from affitor.tracking_events lead where lead.kind = 'lead' and lead.transaction_id = ${sql.raw(table)}.customer_key)`
}

/** Who dealt with what needed attention, and how; its time as PostgreSQL writes it. */
export interface ResolutionRow { note: string, by: string | null, at: string }

/** How a person dealt with the row; null where none has. */
export function resolutionColumn (table: Table, reference: 'tracking_event_id' | 'stripe_event_id'): SQL<ResolutionRow | null> {
  return sql`case when ${sql.raw(table)}.resolved_at is not null then (
    select jsonb_build_object('note', note, 'by', done_by, 'at', done_at) from affitor.operator_actions
    where ${sql.raw(reference)} = ${sql.raw(table)}.id and action = 'resolve' order by id desc limit 1) end`
}

/** The state that the operator sees: what a person has dealt with is `resolved`. */
export function shownState<State extends string> (table: Table): SQL<State> {
  return sql`case when ${sql.raw(table)}.resolved_at is null then ${sql.raw(table)}.state else 'resolved' end`
}
