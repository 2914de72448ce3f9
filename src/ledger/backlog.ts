import { sql } from 'drizzle-orm'
import type { StripeEventState, TrackingKind, TrackingState } from '../../schemas/tracking.js'
import type { Queryable } from '../db/pool.js'
import { attentionCounts } from './alerts.js'
import type { Attention } from './alerts.js'
import { stripeEventCounts } from './stripe-events.js'
import { factCounts } from './tracking-events.js'
import { workersAlive } from './workers.js'

/** How much there is, and for how long the oldest has waited, in seconds; null when nothing waits. */
export interface Backlog {
  facts: Array<{ kind: TrackingKind, state: TrackingState, count: number }>
  stripeEvents: Array<{ state: StripeEventState, count: number }>
  attention: Array<Pick<Attention, 'kind' | 'reason' | 'count'> & { age: number }>
  oldestPending: number | null
  oldestReceived: number | null
  oldestParked: number | null
  isPaused: boolean
  /** Processes that hold their lock, or said just now that they live. */
  workers: number
}

const ageOf = (oldest: ReturnType<typeof sql>) => sql`(select extract(epoch from now() - since)::float8 from (${oldest}) as oldest (since))`

/** All of it by one statement, and so by one connection: it is asked for when connections are short, above all. */
export async function readBacklog (db: Queryable): Promise<Backlog> {
  const { rows: [row] } = await db.execute<Record<string, unknown>>(sql`
    select
      (select coalesce(json_agg(counted), '[]') from (${factCounts}) counted) as facts,
      (select coalesce(json_agg(counted), '[]') from (${stripeEventCounts}) counted) as "stripeEvents",
      (select coalesce(json_agg(json_build_object('kind', kind, 'reason', reason, 'count', count, 'age', extract(epoch from now()) - since)), '[]')
        from (${attentionCounts}) counted) as attention,
      ${ageOf(sql`select created_at from affitor.tracking_events where state = 'pending' order by id limit 1`)} as "oldestPending",
      ${ageOf(sql`select received_at from affitor.stripe_events where state = 'received' order by seq limit 1`)} as "oldestReceived",
      ${ageOf(sql`select received_at from affitor.stripe_events where state = 'parked' order by seq limit 1`)} as "oldestParked",
      exists (select from affitor.delivery_pauses) as "isPaused",
      (${workersAlive}) as workers`)
  if (row === undefined) throw new Error('No answer')
  return row as unknown as Backlog
}
