import { sql } from 'drizzle-orm'
import type Stripe from 'stripe'
import { column, columnOfLongTexts } from '../db/column.js'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database } from '../db/pool.js'
import { groupCommit } from '../group-commit.js'

export interface Inbox {
  /**
   * Stores an event of Stripe's. Resolves once it is committed; the same event again changes nothing.
   * @param payload its JSON; from a webhook, as it was signed
   * @param traceparent the trace that its interpretation goes on with
   * @returns false when it was stored before
   */
  store (event: Stripe.Event, payload: string, traceparent?: string): Promise<boolean>
}

interface NewEvent { event: Stripe.Event, payload: string, traceparent: string | undefined }

/**
 * The inbox of Stripe events: those that come at the same moment are stored by one statement.
 * @param onGroup told how many those are
 */
export function openInbox (db: Database, onGroup?: (size: number) => void): Inbox {
  const store = groupCommit({
    store: (events: NewEvent[]) => insertEvents(db, events),
    isOutage: isDatabaseUnavailable,
    sizeOf: ({ payload }) => payload.length,
    mostItems: 200,
    atOnce: 2,
    onGroup
  })
  return {
    store: (event, payload, traceparent) => store({ event, payload, traceparent })
  }
}

/** @returns for each event whether it is new */
async function insertEvents (db: Database, events: NewEvent[]): Promise<boolean[]> {
  // In one order everywhere: two processes that store the same events would else wait for each other.
  const rows = events.toSorted((a, b) => a.event.id < b.event.id ? -1 : 1)
  const { rows: inserted } = await db.execute<{ id: string }>(sql`
    insert into affitor.stripe_events (id, type, api_version, livemode, created, payload, traceparent)
    select id, type, api_version, livemode, to_timestamp(created), payload, traceparent
    from unnest(
      ${column(rows, ({ event }) => event.id)}::text[], ${column(rows, ({ event }) => event.type)}::text[],
      ${column(rows, ({ event }) => event.api_version)}::text[], ${column(rows, ({ event }) => event.livemode)}::boolean[],
      ${column(rows, ({ event }) => event.created)}::float8[], ${columnOfLongTexts(rows, ({ payload }) => payload)}::text[],
      ${column(rows, ({ traceparent }) => traceparent)}::text[]
    ) as event (id, type, api_version, livemode, created, payload, traceparent)
    on conflict do nothing
    returning id`)
  const fresh = new Set(inserted.map(({ id }) => id))
  // Of the same event twice in one group, the first is new.
  return events.map(({ event: { id } }) => fresh.delete(id))
}
