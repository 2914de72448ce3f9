import { and, count, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm'
import type { TrackingKind, TrackingState } from '../../schemas/tracking.js'
import { trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import type { Reason } from './reasons.js'

const { giveUpAt: _giveUpAt, leasedBy: _leasedBy, leasedUntil: _leasedUntil, ...publicColumns } = getTableColumns(trackingEvents)

/** What the operator sees of a tracking event: all but what is the workers' own. */
export const trackingEventColumns = publicColumns

export type TrackingEventRow = Omit<typeof trackingEvents.$inferSelect, 'giveUpAt' | 'leasedBy' | 'leasedUntil'>

export interface TrackingEventFilter {
  kind?: TrackingKind
  state?: TrackingState
  customerKey?: string
  limit: number
  cursor?: string
}

/** A page of tracking events, newest first. */
export async function listTrackingEvents (db: Queryable, filter: TrackingEventFilter): Promise<TrackingEventRow[]> {
  return await db.select(trackingEventColumns).from(trackingEvents).where(and(
    filter.kind && eq(trackingEvents.kind, filter.kind),
    filter.state && eq(trackingEvents.state, filter.state),
    filter.customerKey === undefined ? undefined : eq(trackingEvents.customerKey, filter.customerKey),
    filter.cursor === undefined ? undefined : lt(trackingEvents.id, sql`${filter.cursor}::bigint`)
  )).orderBy(desc(trackingEvents.id)).limit(filter.limit)
}

export async function findTrackingEvent (db: Queryable, id: number): Promise<TrackingEventRow | undefined> {
  const [row] = await db.select(trackingEventColumns).from(trackingEvents).where(eq(trackingEvents.id, id))
  return row
}

/** States that an operator may send again; the others are final or on their way. */
const RETRYABLE: TrackingState[] = ['needs_attention', 'rejected', 'unattributed']

/** Why a refund was skipped without a call; it is due again when its sale is. */
const SKIPPED_WITH_SALE: Reason[] = ['sale_not_attributed', 'sale_not_sent']

const dueAgain = { state: 'pending', reason: null, settledAt: null, nextAttemptAt: sql`now()`, giveUpAt: null } as const

/**
 * Makes an event due at once, with the whole retry time before it again. With a sale go the refunds that were
 * skipped because of its state: else the partner would keep the commission on money that was given back.
 * @returns the event as it is now, and whether it was in a state that can be retried
 */
export async function retryTrackingEvent (db: Queryable, id: number): Promise<{ event: TrackingEventRow, retried: boolean } | undefined> {
  return await db.transaction(async tx => {
    const [retried] = await tx.update(trackingEvents).set(dueAgain)
      .where(and(eq(trackingEvents.id, id), inArray(trackingEvents.state, RETRYABLE))).returning(trackingEventColumns)
    if (retried === undefined) {
      const event = await findTrackingEvent(tx, id)
      return event && { event, retried: false }
    }
    if (retried.kind === 'sale') {
      await tx.update(trackingEvents).set(dueAgain).where(and(
        eq(trackingEvents.kind, 'refund'), eq(trackingEvents.saleTransactionId, retried.transactionId),
        eq(trackingEvents.state, 'skipped'), inArray(trackingEvents.reason, SKIPPED_WITH_SALE)))
    }
    return { event: retried, retried: true }
  })
}

export interface LedgerSummary {
  counts: Array<{ kind: TrackingKind, state: TrackingState, count: number }>
  /** Age of the oldest pending event, in seconds; null when none is pending. */
  oldestPendingSeconds: number | null
}

export async function summarize (db: Queryable): Promise<LedgerSummary> {
  const counts = await db.select({ kind: trackingEvents.kind, state: trackingEvents.state, count: count() })
    .from(trackingEvents).groupBy(trackingEvents.kind, trackingEvents.state).orderBy(trackingEvents.kind, trackingEvents.state)
  const [oldest] = await db.select({
    seconds: sql<number | null>`extract(epoch from now() - min(${trackingEvents.createdAt}))::float8`
  }).from(trackingEvents).where(eq(trackingEvents.state, 'pending'))
  return { counts, oldestPendingSeconds: oldest?.seconds ?? null }
}
