import { sql } from 'drizzle-orm'
import type { AlertCause } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'

/** What waits for a person: facts, or Stripe events, of one reason. */
export interface Attention {
  kind: 'fact' | 'stripe_event'
  reason: string | null
  count: number
  /** Since when the first of them does. */
  since: Date
}

/** What somebody is alerted of. */
export type Trouble =
  | { cause: 'attention', since: Date, attention: Attention[] }
  | { cause: 'delivery_paused', since: Date }
  | { cause: 'delivery_late', since: Date, oldestSeconds: number }

export interface Troubles {
  /** When they were looked for, by the database's clock. */
  at: string
  found: Trouble[]
}

/** From this age on, in seconds, a fact that is not delivered yet is late. */
const LATE_SECONDS = 3_600
/** Longest time from taking an alert until it is told or given up, in seconds: a process that ended meanwhile loses it. */
const LEASE_SECONDS = 30
/** Least time between two messages that a cause lasts, in seconds. */
const REPEAT_SECONDS = 3_600

/** What needs attention, by reason, the most first, with seconds since 1970. Partial indexes hold nothing else: it is read every minute. */
export const attentionCounts = sql`
  select 'fact' as kind, reason, count(*)::int as count, extract(epoch from min(attention_since))::float8 as since
  from affitor.tracking_events where state = 'needs_attention' and resolved_at is null group by reason
  union all
  select 'stripe_event', reason, count(*)::int, extract(epoch from min(attention_since))::float8
  from affitor.stripe_events where state = 'failed' and resolved_at is null group by reason
  order by count desc, reason`

/** Counts what needs attention, by reason, the most first. */
export async function countAttention (db: Queryable): Promise<Attention[]> {
  const { rows } = await db.execute<{ kind: Attention['kind'], reason: string | null, count: number, since: number }>(attentionCounts)
  return rows.map(row => ({ ...row, since: timeOf(row.since) }))
}

/** What somebody should know of by now. */
export async function findTroubles (db: Queryable): Promise<Troubles> {
  const { rows: [{ at, paused_since: pausedSince, pending_since: pendingSince, oldest_seconds: oldestSeconds } = { at: '' }] } = await db.execute<{
    at: string, paused_since?: number | null, pending_since?: number | null, oldest_seconds?: number | null
  }>(sql`
    select now()::text as at,
      (select extract(epoch from since)::float8 from affitor.delivery_pauses) as paused_since,
      extract(epoch from oldest.created_at)::float8 as pending_since, extract(epoch from now() - oldest.created_at)::float8 as oldest_seconds
    from (select) as always
    left join (select created_at from affitor.tracking_events where state = 'pending' order by id limit 1) as oldest on true`)
  const attention = await countAttention(db)
  const found: Trouble[] = []
  if (attention.length > 0) {
    found.push({ cause: 'attention', since: new Date(Math.min(...attention.map(({ since }) => since.getTime()))), attention })
  }
  if (typeof pausedSince === 'number') found.push({ cause: 'delivery_paused', since: timeOf(pausedSince) })
  if (typeof pendingSince === 'number' && typeof oldestSeconds === 'number' && oldestSeconds > LATE_SECONDS) {
    found.push({ cause: 'delivery_late', since: timeOf(pendingSince), oldestSeconds })
  }
  return { at, found }
}

/** An alert that this process is to tell: no other does meanwhile. */
export interface TakenAlert {
  since: Date
  /** How often in a row it was told in vain. */
  failures: number
}

/**
 * Takes the alert that a cause lasts, of which the receiver was not told within the hour.
 * @returns undefined when it was, or another process is about to tell it
 */
export async function takeRaised (db: Queryable, { cause, since }: Pick<Trouble, 'cause' | 'since'>): Promise<TakenAlert | undefined> {
  const { rows } = await db.execute<{ failures: number }>(sql`
    insert into affitor.alerts as alert (cause, next_at) values (${cause}, now() + make_interval(secs => ${LEASE_SECONDS}))
    on conflict (cause) do update set next_at = excluded.next_at
    where alert.next_at <= now() and (alert.raised_at is null or alert.raised_at <= now() - make_interval(secs => ${REPEAT_SECONDS}))
    returning failures`)
  return rows[0] && { since, failures: rows[0].failures }
}

/**
 * Takes the alert that a cause is over, of which the receiver knows that it lasts.
 * @param at when it was found to be over: what was told after that is newer
 */
export async function takeOver (db: Queryable, cause: AlertCause, at: string): Promise<TakenAlert | undefined> {
  const { rows } = await db.execute<{ failures: number, since: number }>(sql`
    update affitor.alerts set next_at = now() + make_interval(secs => ${LEASE_SECONDS})
    where cause = ${cause} and told = 'raised' and next_at <= now() and raised_at <= ${at}::timestamptz
    returning failures, extract(epoch from since)::float8 as since`)
  return rows[0] && { since: timeOf(rows[0].since), failures: rows[0].failures }
}

/** The receiver has taken the message. */
export async function alertTold (db: Queryable, cause: AlertCause, told: 'raised' | 'over', since: Date): Promise<void> {
  await db.execute(sql`
    update affitor.alerts set told = ${told}, since = ${since.toISOString()}::timestamptz, failures = 0, next_at = now(),
      raised_at = case when ${told} = 'raised' then now() else raised_at end
    where cause = ${cause}`)
}

/** The receiver has not taken the message: whoever looks after `delayMs` milliseconds tries again. */
export async function alertNotTold (db: Queryable, cause: AlertCause, delayMs: number): Promise<void> {
  await db.execute(sql`
    update affitor.alerts set failures = failures + 1, next_at = now() + make_interval(secs => ${delayMs / 1000}) where cause = ${cause}`)
}

function timeOf (seconds: number): Date {
  return new Date(seconds * 1000)
}
