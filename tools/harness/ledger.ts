import pg from 'pg'
import { LOOKS_INTO } from './databases.js'
import { pick } from './random.js'
import type { Random } from './random.js'

export interface TrackingRow {
  kind: 'lead' | 'sale' | 'refund'
  transaction_id: string
  sale_transaction_id: string | null
  customer_key: string
  state: string
  reason: string | null
  leased_by: string | null
  last_error: string | null
  statuses: number[]
}

export interface StripeEventRow {
  id: string
  type: string
  state: string
  reason: string | null
  leased_by: string | null
  last_error: string | null
}

/** What is not done yet, in numbers of rows. */
export interface Unfinished { pending: number, unread: number, leased: number }

/** A look into the database from outside of the service, by a way that no fault is on. */
export class Ledger {
  readonly #pool: pg.Pool

  constructor (connectionString: string) {
    this.#pool = new pg.Pool({ connectionString, options: LOOKS_INTO, max: 2, application_name: 'harness' })
    this.#pool.on('error', () => {})
  }

  async close (): Promise<void> {
    await this.#pool.end()
  }

  /** Ends the session by which one of the workers shows that it lives. @returns how many: 0 when there is none, or no database */
  async cutLockConnection (random: Random): Promise<number> {
    const { rows } = await this.#pool.query<{ pid: number }>(`
      select pid from pg_locks join workers on objid = lock_key::oid
      where locktype = 'advisory' and objsubid = 2 order by owner`).catch(() => ({ rows: [] }))
    if (rows.length === 0) return 0
    await this.#pool.query('select pg_terminate_backend($1)', [pick(random, rows).pid]).catch(() => {})
    return 1
  }

  async unfinished (): Promise<Unfinished> {
    const { rows: [row] } = await this.#pool.query<Unfinished>(`
      select
        (select count(*) from tracking_events where state = 'pending')::int as pending,
        (select count(*) from stripe_events where state in ('received', 'parked'))::int as unread,
        (select count(*) from tracking_events where leased_by is not null)::int +
          (select count(*) from stripe_events where leased_by is not null)::int as leased`)
    return row as Unfinished
  }

  /** What each connection of the service does, for whoever looks into what is stuck. */
  async activity (): Promise<string[]> {
    const { rows } = await this.#pool.query<{ line: string }>(`
      select concat_ws(' ', pid, application_name, state, 'since', date_trunc('milliseconds', now() - state_change),
        wait_event_type, wait_event, 'blocked by', pg_blocking_pids(pid)::text, left(query, 150)) as line
      from pg_stat_activity where datname = current_database() and application_name <> 'harness'`)
    return rows.map(row => row.line)
  }

  /** Parked events whose sale is in the ledger, and which nobody woke. By the clock of the look, not of its beginning. */
  async unwoken (): Promise<string[]> {
    const { rows } = await this.#pool.query<{ event: string }>(`
      select concat(id, ', for another ', next_attempt_at - clock_timestamp()) as event from stripe_events
      where state = 'parked' and leased_by is null and next_attempt_at > clock_timestamp() and waiting_for && array(
        select reference from sale_references join tracking_events on kind = 'sale' and transaction_id = sale_references.sale_transaction_id
        union select transaction_id from tracking_events where kind = 'sale')
        -- A worker wakes it together with the end of the announcement.
        and not exists (select from affitor.arrivals where reference = any (waiting_for))`)
    return rows.map(row => row.event)
  }

  async trackingEvents (): Promise<TrackingRow[]> {
    const { rows } = await this.#pool.query<TrackingRow>(`
      select kind, transaction_id, sale_transaction_id, customer_key, state, reason, leased_by, last_error,
        array(select status from delivery_attempts where tracking_event_id = tracking_events.id order by delivery_attempts.id) as statuses
      from tracking_events`)
    return rows
  }

  async stripeEvents (): Promise<StripeEventRow[]> {
    const { rows } = await this.#pool.query<StripeEventRow>('select id, type, state, reason, leased_by, last_error from stripe_events')
    return rows
  }

  async checkoutSessions (): Promise<Set<string>> {
    const { rows } = await this.#pool.query<{ id: string }>('select id from checkout_sessions')
    return new Set(rows.map(row => row.id))
  }

  async users (): Promise<Set<string>> {
    const { rows } = await this.#pool.query<{ id: string }>('select id from users')
    return new Set(rows.map(row => row.id))
  }

  /** From the acceptance of a fact to its delivery, the longest so far, in milliseconds. */
  async longestDeliveryMs (): Promise<number> {
    const { rows: [row] } = await this.#pool.query<{ ms: number | null }>(`
      select max(extract(epoch from settled_at - coalesce(received_at, created_at)) * 1000)::float8 as ms
      from tracking_events left join stripe_events on stripe_events.id = source`)
    return row?.ms ?? 0
  }
}
