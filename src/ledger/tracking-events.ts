import { and, count, desc, eq, getTableColumns, gt, inArray, isNotNull, isNull, lt, lte, notInArray, or, sql } from 'drizzle-orm'
import type { TrackingKind, TrackingState } from '../../schemas/tracking.js'
import { trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import { endedBySale, notRetryable, retryRefusal } from './reasons.js'
import type { Reason } from './reasons.js'

const { giveUpAt: _giveUpAt, refusedAt: _refusedAt, leasedBy: _leasedBy, leasedUntil: _leasedUntil, ...publicColumns } = getTableColumns(trackingEvents)

/** What the operator sees of a tracking event: all but what is the workers' own. */
export const trackingEventColumns = publicColumns

export type TrackingEventRow = Omit<typeof trackingEvents.$inferSelect, 'giveUpAt' | 'refusedAt' | 'leasedBy' | 'leasedUntil'>

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

/**
 * Why an event is not sent again, in words for the operator; undefined when it may be.
 * @param event its state and reason
 */
export function whyNotRetryable ({ state, reason }: Pick<TrackingEventRow, 'state' | 'reason'>): string | undefined {
  if (RETRYABLE.includes(state)) return retryRefusal(reason)
  return `It is ${state}; only needs_attention, rejected and unattributed events can be retried.`
}

const dueAgain = { state: 'pending', reason: null, settledAt: null, nextAttemptAt: sql`now()`, giveUpAt: null } as const

/**
 * Makes an event due at once, with the whole retry time before it again. With a sale go the refunds that ended because
 * of it, in their order: else the partner would keep the commission on money that was given back. Not those whose money
 * came back since: their reason is another.
 * @returns the event as it is now, and whether it may be retried
 */
export async function retryTrackingEvent (db: Queryable, id: number): Promise<{ event: TrackingEventRow, retried: boolean } | undefined> {
  return await db.transaction(async tx => {
    const [retried] = await tx.update(trackingEvents).set(dueAgain).where(and(
      eq(trackingEvents.id, id), inArray(trackingEvents.state, RETRYABLE),
      or(isNull(trackingEvents.reason), notInArray(trackingEvents.reason, notRetryable))
    )).returning(trackingEventColumns)
    if (retried === undefined) {
      const event = await findTrackingEvent(tx, id)
      return event && { event, retried: false }
    }
    if (retried.kind === 'sale') {
      const isRefund = and(eq(trackingEvents.kind, 'refund'), eq(trackingEvents.saleTransactionId, retried.transactionId))
      await tx.update(trackingEvents).set(dueAgain)
        .where(and(isRefund, inArray(trackingEvents.state, ['skipped', 'needs_attention']), inArray(trackingEvents.reason, endedBySale)))
      // One that a worker has in hand would be settled by what the sale was: it goes after the sale instead.
      await tx.update(trackingEvents).set({ leasedBy: null, leasedUntil: null })
        .where(and(isRefund, eq(trackingEvents.state, 'pending'), isNotNull(trackingEvents.leasedBy)))
    }
    return { event: retried, retried: true }
  })
}

/**
 * Takes an event that waits out of its customer's line, for a person to look at; what waited behind it is due at once.
 * One that is being sent stays: its answer is on the way.
 * @returns the event as it is now, and whether it was taken out
 */
export async function holdTrackingEvent (db: Queryable, id: number): Promise<{ event: TrackingEventRow, held: boolean } | undefined> {
  return await db.transaction(async tx => {
    const [waiting] = await tx.select({ customerKey: trackingEvents.customerKey, nextAttemptAt: sql`${trackingEvents.nextAttemptAt}` })
      .from(trackingEvents).where(and(
        eq(trackingEvents.id, id), eq(trackingEvents.state, 'pending'),
        or(isNull(trackingEvents.leasedUntil), lt(trackingEvents.leasedUntil, sql`now()`))
      )).for('update')
    if (waiting === undefined) {
      const event = await findTrackingEvent(tx, id)
      return event && { event, held: false }
    }
    const [event] = await tx.update(trackingEvents).set({
      state: 'needs_attention', reason: 'held_by_operator' satisfies Reason, settledAt: sql`now()`, nextAttemptAt: null, leasedBy: null, leasedUntil: null
    }).where(eq(trackingEvents.id, id)).returning(trackingEventColumns)
    // Not what waits for a retry of its own, which is later than what it waited behind.
    await tx.update(trackingEvents).set({ nextAttemptAt: sql`now()` }).where(and(
      eq(trackingEvents.customerKey, waiting.customerKey), eq(trackingEvents.state, 'pending'), gt(trackingEvents.id, id),
      lte(trackingEvents.nextAttemptAt, sql`${waiting.nextAttemptAt}::timestamptz`)))
    return event && { event, held: true }
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
