import { and, desc, eq, getTableColumns, gt, gte, inArray, isNotNull, isNull, like, lt, lte, notInArray, notLike, or, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { FactSource, TrackingEventFilter, TrackingKind, TrackingState } from '../../schemas/tracking.js'
import { trackingEvents } from '../db/tables.js'
import type { LedgerState } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import { leadColumn, resolutionColumn, shownState } from './operator-columns.js'
import type { LeadOfCustomer, ResolutionRow } from './operator-columns.js'
import { endedBySale, notRetryable, retryRefusal } from './reasons.js'
import type { Reason } from './reasons.js'
import { search } from './search.js'
import { factsByState } from './tallies.js'

const {
  giveUpAt: _giveUpAt, refusedAt: _refusedAt, leasedBy: _leasedBy, leasedUntil: _leasedUntil, resolvedAt: _resolvedAt, ...publicColumns
} = getTableColumns(trackingEvents)

/** What the operator sees of a tracking event: all but what is the workers' own. */
export const trackingEventColumns = {
  ...publicColumns,
  state: shownState<TrackingState>('tracking_events'),
  lead: leadColumn('tracking_events'),
  resolution: resolutionColumn('tracking_events', 'tracking_event_id'),
  /** Of a renewal that came after the attribution window: whether an earlier sale of the customer earned a commission. */
  earnedBefore: sql<boolean | null>`case when tracking_events.reason = 'attribution_window_expired' and tracking_events.payload @> '{"isRecurring": true}' then (
    select true from affitor.tracking_events earlier
    where earlier.customer_key = tracking_events.customer_key and earlier.id < tracking_events.id and earlier.kind = 'sale' and earlier.state = 'delivered'
    order by earlier.customer_key, earlier.id limit 1) end`
}

export interface TrackingEventRow extends Pick<typeof trackingEvents.$inferSelect, Exclude<keyof typeof publicColumns, 'state'>> {
  state: TrackingState
  lead: LeadOfCustomer | null
  resolution: ResolutionRow | null
  earnedBefore: boolean | null
}

/** Most customers whose facts a search shows in the list. */
const MOST_FOUND = 200

/** What facts a filter lets pass; undefined when there can be none. */
async function conditionOf (db: Queryable, filter: TrackingEventFilter): Promise<SQL | undefined> {
  const found = filter.q === undefined ? undefined : await search(db, filter.q, MOST_FOUND)
  return and(
    filter.kind && eq(trackingEvents.kind, filter.kind),
    filter.state && (filter.state === 'resolved' ? isNotNull(trackingEvents.resolvedAt) : stateIs(filter.state)),
    filter.reason === undefined ? undefined : eq(trackingEvents.reason, filter.reason),
    filter.source && sourceIs(filter.source),
    filter.customerKey === undefined ? undefined : eq(trackingEvents.customerKey, filter.customerKey),
    filter.transactionId === undefined ? undefined : or(eq(trackingEvents.transactionId, filter.transactionId), eq(trackingEvents.saleTransactionId, filter.transactionId)),
    filter.since === undefined ? undefined : gte(trackingEvents.occurredAt, new Date(filter.since)),
    filter.until === undefined ? undefined : lt(trackingEvents.occurredAt, new Date(filter.until)),
    found && inArray(trackingEvents.customerKey, found.matches.map(({ customerKey }) => customerKey))
  )
}

function stateIs (state: LedgerState): SQL | undefined {
  return and(eq(trackingEvents.state, state), state === 'needs_attention' ? isNull(trackingEvents.resolvedAt) : undefined)
}

function sourceIs (source: FactSource): SQL | undefined {
  const isStripe = 'evt\\_%'
  if (source === 'stripe') return like(trackingEvents.source, isStripe)
  return source === 'sql' ? and(notLike(trackingEvents.source, isStripe), notInArray(trackingEvents.source, ['signup', 'api'])) : eq(trackingEvents.source, source)
}

/** A page of tracking events, newest first. */
export async function listTrackingEvents (
  db: Queryable, { limit, cursor, ...filter }: TrackingEventFilter & { limit: number, cursor?: string }
): Promise<TrackingEventRow[]> {
  return await db.select(trackingEventColumns).from(trackingEvents).where(and(
    await conditionOf(db, filter),
    cursor === undefined ? undefined : lt(trackingEvents.id, sql`${cursor}::bigint`)
  )).orderBy(desc(trackingEvents.id)).limit(limit)
}

/** Whether a filter lets more facts pass than this. */
export async function hasMoreThan (db: Queryable, filter: TrackingEventFilter, rows: number): Promise<boolean> {
  return (await db.select({ id: trackingEvents.id }).from(trackingEvents).where(await conditionOf(db, filter))
    .orderBy(desc(trackingEvents.id)).offset(rows).limit(1)).length > 0
}

export async function findTrackingEvent (db: Queryable, id: number): Promise<TrackingEventRow | undefined> {
  const [row] = await db.select(trackingEventColumns).from(trackingEvents).where(eq(trackingEvents.id, id))
  return row
}

/** States that an operator may send again; the others are final or on their way. */
const RETRYABLE: LedgerState[] = ['needs_attention', 'rejected', 'unattributed']

/**
 * Why an event is not sent again, in words for the operator; undefined when it may be.
 * @param event its state and reason
 */
export function whyNotRetryable ({ state, reason }: Pick<TrackingEventRow, 'state' | 'reason'>): string | undefined {
  if (state === 'resolved' || RETRYABLE.includes(state)) return retryRefusal(reason)
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

/** Facts by kind and state; what a person has dealt with is resolved. */
export const factCounts = sql`
  select kind, state, sum(count)::int as count from (${factsByState}
    union all
    select kind, shown.state, shown.count from affitor.tracking_events fact, lateral (values (fact.state, -1), ('resolved', 1)) shown (state, count)
    where resolved_at is not null) fact
  group by kind, state having sum(count) > 0 order by kind, state`

export async function summarize (db: Queryable): Promise<LedgerSummary> {
  const { rows: counts } = await db.execute<LedgerSummary['counts'][number]>(factCounts)
  const [oldest] = await db.select({
    seconds: sql<number | null>`extract(epoch from now() - min(${trackingEvents.createdAt}))::float8`
  }).from(trackingEvents).where(eq(trackingEvents.state, 'pending'))
  return { counts, oldestPendingSeconds: oldest?.seconds ?? null }
}
