import { and, desc, eq, gte, inArray, isNotNull, isNull, lt, ne, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { StripeEventState } from '../../schemas/tracking.js'
import { column } from '../db/column.js'
import { stripeEvents } from '../db/tables.js'
import type { Database, Queryable } from '../db/pool.js'
import { doNotWaitForDisk } from './durability.js'
import { lostBy } from './leases.js'
import { leadColumn, resolutionColumn, shownState } from './operator-columns.js'
import type { LeadOfCustomer, ResolutionRow } from './operator-columns.js'
import type { Reason } from './reasons.js'
import { storable } from './storable.js'
import { stripeEventsByState } from './tallies.js'

/** A Stripe event whose interpretation this worker holds the lease of. */
export interface ClaimedStripeEvent {
  id: string
  payload: string
  attempts: number
  /** Seconds since it was parked, by the database's clock; 0 when it is not. */
  parkedSeconds: number
  traceparent: string | null
  /** A lease had run out: whoever had it is gone, or was silent for long. */
  wasLeft: boolean
}

/**
 * Takes events that are due, in the order of their arrival, for `leaseSeconds`: no other worker gets them meanwhile,
 * and any worker may after that.
 * @param held ids that the owner has in hand: others that are leased to it, it claimed by a query whose answer it never
 * got, and takes again; absent: it takes nothing that is leased
 */
export async function claimStripeEvents (
  db: Database, owner: string, limit: number, leaseSeconds: number, held?: string[]
): Promise<ClaimedStripeEvent[]> {
  const { rows } = await db.execute<{ id: string, seq: number, payload: string, attempts: number, parked_seconds: number, traceparent: string | null, was_left: boolean }>(sql`
    with due as materialized (
      select id, coalesce(leased_until < now(), false) as was_left from affitor.stripe_events
      where state in ('received', 'parked') and next_attempt_at <= now()
        and (leased_until is null or leased_until < now() or ${lostBy(owner, held, sql`text`)})
      order by next_attempt_at, seq
      limit ${limit}
      for update skip locked
    )
    update affitor.stripe_events set
      leased_until = now() + make_interval(secs => ${leaseSeconds}), leased_by = ${owner}, attempts = attempts + 1
    where id = any (array(select id from due))
    returning id, seq::float8 as seq, payload, attempts, traceparent, (select was_left from due where due.id = stripe_events.id),
      coalesce(extract(epoch from now() - parked_since), 0)::float8 as parked_seconds, ${doNotWaitForDisk}`)
  return rows.sort((a, b) => a.seq - b.seq).map(row => ({ id: row.id, payload: row.payload, attempts: row.attempts, parkedSeconds: row.parked_seconds, traceparent: row.traceparent, wasLeft: row.was_left }))
}

export interface StripeEventResult {
  id: string
  state: Exclude<StripeEventState, 'received' | 'resolved'>
  reason?: Reason
  /** Ids of Stripe objects, and leads; when one becomes known, the event is read again. */
  waitingFor?: string[]
  customerKey?: string
  /** Delay before a parked event is read again, in milliseconds. */
  retryInMs?: number
  /** What went wrong, for the operator. */
  error?: string
}

/**
 * Records what events became, in the transaction that stores their facts.
 * @returns false when the lease of one was lost to another worker: the transaction must be given up
 */
export async function settleStripeEvents (tx: Queryable, owner: string, results: StripeEventResult[]): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    update affitor.stripe_events set
      state = result.state, reason = result.reason,
      -- As JSON: unnest would flatten an array of arrays.
      waiting_for = (select array_agg(object) from jsonb_array_elements_text(result.waiting_for) object),
      parked_since = case when result.state = 'parked' then coalesce(stripe_events.parked_since, now()) end,
      customer_key = coalesce(result.customer_key, stripe_events.customer_key),
      next_attempt_at = now() + make_interval(secs => result.retry_in_ms / 1000),
      leased_until = null, leased_by = null, last_error = result.error
    from unnest(
      ${column(results, ({ id }) => id)}::text[], ${column(results, ({ state }) => state)}::text[], ${column(results, ({ reason }) => reason)}::text[],
      ${column(results, ({ waitingFor }) => waitingFor && JSON.stringify(waitingFor))}::jsonb[], ${column(results, ({ customerKey }) => customerKey)}::text[],
      ${column(results, ({ retryInMs }) => retryInMs)}::float8[], ${column(results, ({ error }) => error && storable(error))}::text[]
    ) as result (id, state, reason, waiting_for, customer_key, retry_in_ms, error)
    where stripe_events.id = result.id and stripe_events.leased_by = ${owner}
    returning stripe_events.id, ${doNotWaitForDisk}`)
  return rowCount === results.length
}

/** Puts a claimed event back, to be read again in `retryInMs` milliseconds. */
export async function postponeStripeEvent (db: Database, owner: string, id: string, retryInMs: number, error: string): Promise<void> {
  await db.update(stripeEvents).set({
    leasedUntil: null,
    leasedBy: null,
    lastError: storable(error),
    nextAttemptAt: sql`now() + make_interval(secs => ${retryInMs / 1000})`
  }).where(and(eq(stripeEvents.id, id), eq(stripeEvents.leasedBy, owner)))
}

/** Puts an event back that was not read, as if it had not been claimed, to be claimed again in `retryInMs` milliseconds. */
export async function returnStripeEvent (db: Database, owner: string, id: string, retryInMs: number): Promise<void> {
  await db.update(stripeEvents).set({
    leasedUntil: null,
    leasedBy: null,
    attempts: sql`${stripeEvents.attempts} - 1`,
    nextAttemptAt: sql`now() + make_interval(secs => ${retryInMs / 1000})`
  }).where(and(eq(stripeEvents.id, id), eq(stripeEvents.leasedBy, owner)))
}

/** What the operator sees of an event: all but the payload and the workers' own. */
export const stripeEventColumns = {
  seq: stripeEvents.seq,
  id: stripeEvents.id,
  type: stripeEvents.type,
  apiVersion: stripeEvents.apiVersion,
  livemode: stripeEvents.livemode,
  createdAt: stripeEvents.createdAt,
  receivedAt: stripeEvents.receivedAt,
  state: shownState<StripeEventState>('stripe_events'),
  reason: stripeEvents.reason,
  customerKey: stripeEvents.customerKey,
  attempts: stripeEvents.attempts,
  nextAttemptAt: stripeEvents.nextAttemptAt,
  attentionSince: stripeEvents.attentionSince,
  lead: leadColumn('stripe_events'),
  resolution: resolutionColumn('stripe_events', 'stripe_event_id')
}

/** Gives back what this owner still holds, for another worker to take at once. */
export async function releaseStripeEvents (db: Database, owner: string): Promise<void> {
  await db.update(stripeEvents).set({ leasedUntil: null, leasedBy: null })
    .where(and(inArray(stripeEvents.state, ['received', 'parked']), eq(stripeEvents.leasedBy, owner)))
}

export interface StripeEventFilter {
  state?: StripeEventState
  type?: string
  reason?: string
  customerKey?: string
  /** Earliest creation, ISO 8601; inclusive. */
  since?: string
  /** Latest creation, ISO 8601; exclusive. */
  until?: string
  limit: number
  cursor?: string
}

type OwnColumns = Exclude<keyof typeof stripeEventColumns & keyof typeof stripeEvents.$inferSelect, 'state'>

export interface StripeEventRow extends Pick<typeof stripeEvents.$inferSelect, OwnColumns> {
  state: StripeEventState
  lead: LeadOfCustomer | null
  resolution: ResolutionRow | null
}

/** A page of stored events, newest first. */
export async function listStripeEvents (db: Queryable, filter: StripeEventFilter): Promise<StripeEventRow[]> {
  return await db.select(stripeEventColumns).from(stripeEvents).where(and(
    filter.state && (filter.state === 'resolved' ? isNotNull(stripeEvents.resolvedAt) : stateIs(filter.state)),
    filter.type === undefined ? undefined : eq(stripeEvents.type, filter.type),
    filter.reason === undefined ? undefined : eq(stripeEvents.reason, filter.reason),
    filter.customerKey === undefined ? undefined : eq(stripeEvents.customerKey, filter.customerKey),
    filter.since === undefined ? undefined : gte(stripeEvents.createdAt, new Date(filter.since)),
    filter.until === undefined ? undefined : lt(stripeEvents.createdAt, new Date(filter.until)),
    filter.cursor === undefined ? undefined : lt(stripeEvents.seq, sql`${filter.cursor}::bigint`)
  )).orderBy(desc(stripeEvents.seq)).limit(filter.limit)
}

function stateIs (state: Exclude<StripeEventState, 'resolved'>): SQL | undefined {
  return and(eq(stripeEvents.state, state), state === 'failed' ? isNull(stripeEvents.resolvedAt) : undefined)
}

export async function findStripeEvent (db: Queryable, id: string): Promise<StripeEventRow | undefined> {
  const [row] = await db.select(stripeEventColumns).from(stripeEvents).where(eq(stripeEvents.id, id))
  return row
}

/** Stripe events by state; what a person has dealt with is resolved. */
export const stripeEventCounts = sql`
  select state, sum(count)::int as count from (${stripeEventsByState}
    union all
    select shown.state, shown.count from affitor.stripe_events event, lateral (values (event.state, -1), ('resolved', 1)) shown (state, count)
    where resolved_at is not null) event
  group by state having sum(count) > 0 order by state`

export async function countStripeEvents (db: Queryable): Promise<Array<{ state: StripeEventState, count: number }>> {
  const { rows } = await db.execute<{ state: StripeEventState, count: number }>(stripeEventCounts)
  return rows
}

/** What makes an event be read as if it had just come, with the whole waiting time before it. */
export const readAgain = {
  state: 'received', reason: null, waitingFor: null, parkedSince: null, lastError: null, attempts: 0, nextAttemptAt: sql`now()`
} as const

export interface RequeueFilter {
  ids?: string[]
  type?: string
  state?: Exclude<StripeEventState, 'received'>
}

/**
 * Has stored events interpreted again, after a rule has changed. A fact that is in the ledger stays as it is.
 * @returns how many events
 */
export async function requeueStripeEvents (db: Queryable, { ids, type, state }: RequeueFilter): Promise<number> {
  const requeued = await db.update(stripeEvents).set(readAgain).where(and(
    ne(stripeEvents.state, 'received'),
    ids === undefined ? undefined : inArray(stripeEvents.id, ids),
    type === undefined ? undefined : eq(stripeEvents.type, type),
    state && (state === 'resolved' ? isNotNull(stripeEvents.resolvedAt) : eq(stripeEvents.state, state))
  ))
  return requeued.rowCount ?? 0
}
