import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { LeadPayload, RefundPayload, SalePayload, TrackingState } from '../../schemas/tracking.js'
import { column } from '../db/column.js'
import type { Database } from '../db/pool.js'
import { doNotWaitForDisk } from './durability.js'
import { lostBy } from './leases.js'
import type { Reason } from './reasons.js'
import { storable, storableJson } from './storable.js'

/** What earlier attempts and related events say about a claimed event. */
export interface DeliveryHistory {
  /** Attempts, this one included; one that a crash ended counts too, also when it ended before the call. */
  attempts: number
  /** An earlier attempt was answered with a 5xx. */
  hadServerError: boolean
  /** Affitor may have recorded an earlier attempt whose answer we never saw, or saw as a failure. */
  mayHaveArrived: boolean
  /** An earlier attempt was answered with a 2xx that did not say whether Affitor took it. */
  hadUnclearAnswer: boolean
  /** How often Affitor said before that it does not know the customer. */
  unknownCustomerAnswers: number
  /** Affitor answered 401 to it before, and took the key with another event since: a 401 is about this event. */
  refusedAlone: boolean
  /** State of the same customer's lead, if there is one. */
  leadState: TrackingState | null
  /** Of a refund: state of its sale. */
  saleState: TrackingState | null
  /** Of a refund: an operator took its sale out of line. */
  saleHeld: boolean
  /** Of a refund: whether Affitor recorded another refund of its sale, or may have done so. */
  otherRefund: 'recorded' | 'unclear' | null
}

/** A tracking event whose delivery this worker holds the lease of. */
export type ClaimedTrackingEvent = DeliveryHistory & {
  id: number
  transactionId: string
  customerKey: string
  /** A Stripe event id, or who else told it. */
  source: string
  /** Delivery is paused, and this event finds out whether it can go on. */
  isProbe: boolean
  traceparent: string | null
  /** A lease had run out: whoever had it is gone, or was silent for long. */
  wasLeft: boolean
} & (
  | { kind: 'lead', payload: LeadPayload }
  | { kind: 'sale', payload: SalePayload }
  | { kind: 'refund', payload: RefundPayload, saleTransactionId: string }
)

export interface ClaimOptions {
  owner: string
  limit: number
  /** How long no other worker gets what is claimed. */
  leaseSeconds: number
  /** How long an event may be retried after its first attempt. */
  retrySeconds: number
  /**
   * Ids that the owner has in hand: others that are leased to it, it claimed by a query whose answer it never got, and
   * takes again. Absent: it takes nothing that is leased.
   */
  held?: number[] | undefined
}

/** While delivery is paused, one event in this time is tried, in seconds. */
const PROBE_SECONDS = 30

/** Reasons of refunds that Affitor took before their money came back. */
const RECORDED: Reason[] = ['refund_failed_after_sent', 'dispute_won_after_reversal']
/** Reasons of refunds that Affitor may have taken. */
const UNCLEAR: Reason[] = ['retries_exhausted', 'held_by_operator', 'refund_outcome_unknown']

/**
 * Takes events that are due: of each customer only the oldest pending one, so that a lead goes before its
 * sale and a sale before its refund. None while delivery is paused, but for one probe now and then: one that was not
 * refused yet goes first, then the one whose refusal is the longest ago, so that no customer is the probe each time.
 *
 * A row that another worker takes or settles after this statement's snapshot is left out: PostgreSQL checks
 * the conditions on the row itself again once it has the lock. Those on the customer's other rows hold as of
 * the snapshot, which is safe: what was not pending then is settled, or of a higher id.
 */
export async function claimTrackingEvents (db: Database, options: ClaimOptions): Promise<ClaimedTrackingEvent[]> {
  const isDue = sql`
    state = 'pending' and next_attempt_at <= now()
      and (leased_until is null or leased_until < now() or ${lostBy(options.owner, options.held, sql`bigint`)})
      -- Not as "not exists", for which the planner reads the whole table rather than this customer's rows; and as
      -- booleans, of which it expects half to be true: expecting next to none, it sorts all that waits before it looks.
      and not coalesce((
        select true from affitor.tracking_events earlier
        where earlier.customer_key = candidate.customer_key and earlier.state = 'pending' and earlier.id < candidate.id
        limit 1), false)
      and not coalesce((
        select true from affitor.tracking_events later
        where later.customer_key = candidate.customer_key and later.state = 'pending' and later.id > candidate.id
          and later.leased_until >= now()
        limit 1), false)`
  const { rows } = await db.execute(sql`
    with due as (
      select id, coalesce(leased_until < now(), false) as was_left from affitor.tracking_events candidate
      where ${isDue} and (refused_at is null or not exists (select from affitor.delivery_pauses))
      order by next_attempt_at, id
      limit case
        when not exists (select from affitor.delivery_pauses) then ${options.limit}::int
        when exists (select from affitor.delivery_pauses where until <= now()) then 1
        else 0 end
      for update skip locked
    ), refused_before as (
      select id, coalesce(leased_until < now(), false) from affitor.tracking_events candidate
      where ${isDue} and refused_at is not null
      order by refused_at, id
      -- Of a limit of 0 nothing is read.
      limit case when exists (select from affitor.delivery_pauses where until <= now()) and not exists (select from due) then 1 else 0 end
      for update skip locked
    ), taken as (
      select * from due union all select * from refused_before
    ), probe as (
      update affitor.delivery_pauses set until = now() + make_interval(secs => ${PROBE_SECONDS})
      where until <= now() and exists (select from taken)
      returning id
    ), claimed as (
      update affitor.tracking_events set
        leased_until = now() + make_interval(secs => ${options.leaseSeconds}), leased_by = ${options.owner},
        attempts = attempts + 1, give_up_at = coalesce(give_up_at, now() + make_interval(secs => ${options.retrySeconds}))
      -- As an array: it is read by index, where a join may read the whole table.
      where id = any (array(select id from taken))
        -- Of workers that come at once, each with an event in hand, one gets the probe.
        and (not exists (select from affitor.delivery_pauses) or exists (select from probe))
      returning id, kind, transaction_id, sale_transaction_id, customer_key, source, payload, attempts, refused_at, traceparent
    )
    select
      id::float8 as id, kind, transaction_id as "transactionId", sale_transaction_id as "saleTransactionId",
      customer_key as "customerKey", source, payload, attempts, traceparent,
      (select was_left from taken where taken.id = claimed.id) as "wasLeft",
      exists (select from probe) as "isProbe", "hadServerError", attempts - 1 > answered as "mayHaveArrived", "hadUnclearAnswer",
      "unknownCustomerAnswers",
      -- A 401 is kept as an attempt only of an event that was refused alone. A pause ends by another event that Affitor took.
      "refusedAlone" or (refused_at is not null and not exists (select from probe)) as "refusedAlone",
      (select state from affitor.tracking_events where kind = 'lead' and transaction_id = claimed.customer_key) as "leadState",
      (select state from affitor.tracking_events where kind = 'sale' and transaction_id = claimed.sale_transaction_id) as "saleState",
      coalesce((
        select reason = ${'held_by_operator' satisfies Reason} from affitor.tracking_events
        where kind = 'sale' and transaction_id = claimed.sale_transaction_id
      ), false) as "saleHeld",
      -- The state is not a condition: it would lead the planner to read all that was ever delivered.
      (
        select case
          when bool_or(other.state = 'delivered' or other.reason in ${RECORDED}) then 'recorded'
          when bool_or(other.state = 'needs_attention' and other.attempts > 0 and other.reason in ${UNCLEAR}) then 'unclear' end
        from affitor.tracking_events other
        where other.kind = 'refund' and other.sale_transaction_id = claimed.sale_transaction_id and other.id <> claimed.id
      ) as "otherRefund"
    from claimed, lateral (
      select
        coalesce(bool_or(status >= 500), false) as "hadServerError",
        count(*) filter (where status between 1 and 499) as answered,
        coalesce(bool_or(status between 200 and 299), false) as "hadUnclearAnswer",
        (count(*) filter (where status = 400 and error ~* 'customer not found'))::int as "unknownCustomerAnswers",
        coalesce(bool_or(status = 401), false) as "refusedAlone"
      from affitor.delivery_attempts where tracking_event_id = claimed.id) as earlier_attempts
    order by id`)
  return rows as unknown as ClaimedTrackingEvent[]
}

/** What one call to Affitor brought. */
export interface AttemptRecord {
  /** HTTP status; 0 when no whole answer came. */
  status: number
  error: string | null
  response: unknown
  durationMs: number
}

export interface Settlement {
  id: number
  state: Exclude<TrackingState, 'pending'>
  reason: Reason | null
  /** Absent when it was settled without a call. */
  attempt?: AttemptRecord
}

/**
 * Ends events for good.
 * @returns for each, false when its lease was lost: whoever holds it now will settle the event
 */
export async function settleTrackingEvents (db: Database, owner: string, settlements: Settlement[]): Promise<boolean[]> {
  const { rows } = await db.execute<{ id: number }>(sql`
    with settled as (
      update affitor.tracking_events event set state = settlement.state, reason = settlement.reason, settled_at = now(), next_attempt_at = null,
        leased_until = null, leased_by = null,
        last_status = coalesce(status, event.last_status),
        last_error = case when status is null then event.last_error else error end,
        response = case when status is null then event.response else answer end
      from unnest(
        ${column(settlements, ({ id }) => id)}::bigint[], ${column(settlements, ({ state }) => state)}::text[],
        ${column(settlements, ({ reason }) => reason)}::text[], ${attemptColumns(settlements)}
      ) as settlement (id, state, reason, status, error, answer, duration_ms)
      where event.id = settlement.id and event.leased_by = ${owner} and event.state = 'pending'
      returning event.id, event.attempts, status, error, duration_ms
    ), logged as (${logAttempts(sql`settled where status is not null`)})
    select id::float8 as id, ${doNotWaitForDisk} from settled`)
  const settled = new Set(rows.map(({ id }) => id))
  return settlements.map(({ id }) => settled.has(id))
}

/** Whether one of these customers has an event that is not settled. */
export async function hasPending (db: Database, customerKeys: string[]): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    select from affitor.tracking_events where state = 'pending' and customer_key = any(${sql.param(customerKeys)}) limit 1`)
  return rowCount === 1
}

export interface Postponement {
  id: number
  /** In milliseconds from now. */
  delayMs: number
  attempt: AttemptRecord
}

/**
 * Puts events back for another attempt, and with them those of their customers that wait behind them; one past its
 * retry time needs attention.
 * @returns the state that each is in now; undefined when its lease was lost
 */
export async function postponeTrackingEvents (
  db: Database, owner: string, postponements: Postponement[]
): Promise<Array<TrackingState | undefined>> {
  const { rows } = await db.execute<{ id: number, state: TrackingState }>(sql`
    with postponed as (
      update affitor.tracking_events event set
        state = case when now() < event.give_up_at then 'pending' else 'needs_attention' end,
        reason = case when now() < event.give_up_at then null else ${'retries_exhausted' satisfies Reason} end,
        settled_at = case when now() < event.give_up_at then null else now() end,
        next_attempt_at = case when now() < event.give_up_at then now() + make_interval(secs => delay_ms / 1000) end,
        leased_until = null, leased_by = null, last_status = status, last_error = error, response = answer
      from unnest(
        ${column(postponements, ({ id }) => id)}::bigint[], ${column(postponements, ({ delayMs }) => delayMs)}::float8[],
        ${attemptColumns(postponements)}
      ) as postponement (id, delay_ms, status, error, answer, duration_ms)
      where event.id = postponement.id and event.leased_by = ${owner} and event.state = 'pending'
      returning event.id, event.attempts, event.state, event.customer_key, event.next_attempt_at, status, error, duration_ms
    ), behind as (
      update affitor.tracking_events later set next_attempt_at = postponed.next_attempt_at from postponed
      where later.customer_key = postponed.customer_key and later.state = 'pending' and later.id > postponed.id
        and later.next_attempt_at < postponed.next_attempt_at
    ), logged as (${logAttempts(sql`postponed`)})
    select id::float8 as id, state, ${doNotWaitForDisk} from postponed`)
  const states = new Map(rows.map(({ id, state }) => [id, state]))
  return postponements.map(({ id }) => states.get(id))
}

/** Gives a claimed event back as if it had not been claimed: its call changed nothing at Affitor. */
export async function releaseTrackingEvent (db: Database, owner: string, id: number): Promise<void> {
  await db.execute(sql`
    update affitor.tracking_events set leased_until = null, leased_by = null, attempts = attempts - 1,
      give_up_at = case when attempts > 1 then give_up_at end
    where id = ${id} and leased_by = ${owner} and state = 'pending'`)
}

/**
 * Gives back an event that Affitor answered with 401, as if it had not been claimed: the key is at fault, as far as is
 * known. It is the probe after those that were not refused.
 */
export async function releaseRefused (db: Database, owner: string, id: number, error: string | null): Promise<void> {
  await db.execute(sql`
    update affitor.tracking_events set leased_until = null, leased_by = null, attempts = attempts - 1,
      give_up_at = case when attempts > 1 then give_up_at end,
      refused_at = now(), last_status = 401, last_error = ${storable(error)}
    where id = ${id} and leased_by = ${owner} and state = 'pending'`)
}

/**
 * Gives back the leases that this owner still holds at its end. Their attempts stay counted: Affitor may have
 * recorded calls whose answers could not be stored.
 */
export async function releaseLeases (db: Database, owner: string): Promise<void> {
  await db.execute(sql`update affitor.tracking_events set leased_until = null, leased_by = null where leased_by = ${owner} and state = 'pending'`)
}

/** Status, error, answer and duration; null for what was settled without a call. */
function attemptColumns (rows: Array<{ attempt?: AttemptRecord }>): SQL {
  return sql`
    ${column(rows, ({ attempt }) => attempt?.status)}::int[],
    ${column(rows, ({ attempt }) => attempt && storable(attempt.error))}::text[],
    ${column(rows, ({ attempt }) => attempt && JSON.stringify(storableJson(attempt.response)))}::jsonb[],
    ${column(rows, ({ attempt }) => attempt && Math.round(attempt.durationMs))}::int[]`
}

function logAttempts (from: SQL): SQL {
  return sql`
    insert into affitor.delivery_attempts (tracking_event_id, attempt, status, error, duration_ms)
    select id, attempts, status, error, duration_ms from ${from}`
}
