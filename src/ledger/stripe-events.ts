import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type Stripe from 'stripe'
import type { StripeEventState } from '../../schemas/tracking.js'
import { stripeEvents } from '../db/tables.js'
import type { Database, Queryable, Transaction } from '../db/pool.js'
import type { Reason } from './reasons.js'
import { storable } from './storable.js'

/**
 * Stores a verified event. Resolves once it is committed; the same event again changes nothing.
 * @param payload the bytes that Stripe signed
 */
export async function storeStripeEvent (db: Queryable, event: Stripe.Event, payload: string): Promise<void> {
  await db.insert(stripeEvents).values({
    id: event.id,
    type: event.type,
    apiVersion: event.api_version,
    livemode: event.livemode,
    created: new Date(event.created * 1000),
    payload
  }).onConflictDoNothing()
}

/** A Stripe event whose interpretation this worker holds the lease of. */
export interface ClaimedStripeEvent {
  id: string
  payload: string
  attempts: number
  /** Seconds since it was received, by the database's clock. */
  ageSeconds: number
}

/**
 * Takes events that are due, for `leaseSeconds`: no other worker gets them meanwhile, and any worker may
 * after that.
 */
export async function claimStripeEvents (
  db: Database, owner: string, limit: number, leaseSeconds: number
): Promise<ClaimedStripeEvent[]> {
  const { rows } = await db.execute<{ id: string, payload: string, attempts: number, age_seconds: number }>(sql`
    update stripe_events set
      leased_until = now() + make_interval(secs => ${leaseSeconds}), leased_by = ${owner}, attempts = attempts + 1
    where id in (
      select id from stripe_events
      where state in ('received', 'parked') and next_attempt_at <= now() and (leased_until is null or leased_until < now())
      order by next_attempt_at, seq
      limit ${limit}
      for update skip locked
    )
    returning id, payload::text, attempts, extract(epoch from now() - received_at)::float8 as age_seconds, seq`)
  return rows.map(row => ({ id: row.id, payload: row.payload, attempts: row.attempts, ageSeconds: row.age_seconds }))
}

export interface StripeEventResult {
  state: Exclude<StripeEventState, 'received'>
  reason?: Reason
  waitingFor?: string
  customerKey?: string
  /** Delay before a parked event is read again, in milliseconds. */
  retryInMs?: number
  /** What went wrong, for the operator. */
  error?: string
}

/**
 * Records what an event became, in the transaction that stores its facts.
 * @returns false when the lease was lost to another worker: the transaction must be given up
 */
export async function settleStripeEvent (
  tx: Queryable | Transaction, owner: string, id: string, result: StripeEventResult
): Promise<boolean> {
  const settled = await tx.update(stripeEvents).set({
    state: result.state,
    reason: result.reason ?? null,
    waitingFor: result.waitingFor ?? null,
    ...(result.customerKey === undefined ? {} : { customerKey: result.customerKey }),
    nextAttemptAt: result.retryInMs === undefined ? null : sql`now() + make_interval(secs => ${result.retryInMs / 1000})`,
    leasedUntil: null,
    leasedBy: null,
    lastError: storable(result.error ?? null)
  }).where(and(eq(stripeEvents.id, id), eq(stripeEvents.leasedBy, owner))).returning({ id: stripeEvents.id })
  return settled.length === 1
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

const listColumns = {
  seq: stripeEvents.seq,
  id: stripeEvents.id,
  type: stripeEvents.type,
  apiVersion: stripeEvents.apiVersion,
  livemode: stripeEvents.livemode,
  created: stripeEvents.created,
  receivedAt: stripeEvents.receivedAt,
  state: stripeEvents.state,
  reason: stripeEvents.reason,
  customerKey: stripeEvents.customerKey,
  attempts: stripeEvents.attempts,
  nextAttemptAt: stripeEvents.nextAttemptAt
}

export interface StripeEventFilter {
  state?: StripeEventState
  type?: string
  limit: number
  cursor?: string
}

/** A page of stored events, newest first, without their payloads. */
export async function listStripeEvents (db: Queryable, filter: StripeEventFilter) {
  return await db.select(listColumns).from(stripeEvents).where(and(
    filter.state && eq(stripeEvents.state, filter.state),
    filter.type === undefined ? undefined : eq(stripeEvents.type, filter.type),
    filter.cursor === undefined ? undefined : lt(stripeEvents.seq, sql`${filter.cursor}::bigint`)
  )).orderBy(desc(stripeEvents.seq)).limit(filter.limit)
}
