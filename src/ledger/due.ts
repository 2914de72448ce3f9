import { sql } from 'drizzle-orm'
import type { Topic } from '../db/notifications.js'
import type { Queryable } from '../db/pool.js'

/**
 * What may be claimed now, by the same indexes as the claims. It may name too much, such as a fact whose customer has an
 * earlier one at work, and never too little, but for what the answer to a claim was lost of.
 */
export async function dueTopics (db: Queryable): Promise<Topic[]> {
  const { rows } = await db.execute<{ topic: Topic }>(sql`
    select 'stripe_events' as topic where exists (select from affitor.arrivals) or exists (
      select from affitor.stripe_events
      where state in ('received', 'parked') and next_attempt_at <= now() and (leased_until is null or leased_until < now()))
    union all
    select 'tracking_events' where not exists (select from affitor.delivery_pauses where until > now()) and exists (
      select from affitor.tracking_events
      where state = 'pending' and next_attempt_at <= now() and (leased_until is null or leased_until < now()))`)
  return rows.map(({ topic }) => topic)
}
