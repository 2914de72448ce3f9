import { eq, sql } from 'drizzle-orm'
import type pg from 'pg'
import { column } from '../db/column.js'
import type { Database } from '../db/pool.js'
import { workers } from '../db/tables.js'

/** A worker, and the key of the advisory lock that its session holds. */
export interface WorkerLock {
  owner: string
  /** From 0 to 2,147,483,647; another one for each session, so that one which is free stays free. */
  key: number
}

/** First half of the locks' names, apart from the app's own: "affi". */
const LOCK_CLASS = 0x61666669

/** How long after a word of its own a worker without a lock counts as alive, in seconds. */
const WORD_SECONDS = 1

/** Of a row of `affitor.workers`: nobody holds its lock, and its owner has not said otherwise. A lock is of one database. */
const isSilent = sql`seen_at < now() - make_interval(secs => ${WORD_SECONDS}) and not exists (
  select from pg_locks
  where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
    and classid = ${LOCK_CLASS}::int::oid and objid = workers.lock_key::oid and objsubid = 2)`

/**
 * Takes a worker's lock for as long as this session lives, and tells the others by which lock they know that it does.
 * @returns false when another one has this key
 */
export async function signOn (session: pg.ClientBase, { owner, key }: WorkerLock): Promise<boolean> {
  const { rowCount } = await session.query(`
    with lock as (select pg_try_advisory_lock($1, $2) as held)
    insert into affitor.workers (owner, lock_key) select $3, $2 from lock where held
    on conflict (owner) do update set lock_key = excluded.lock_key, seen_at = now()`, [LOCK_CLASS, key, owner])
  return rowCount === 1
}

/** The word of a worker that has lost its lock, and lives. */
export async function sayAlive (db: Database, owner: string): Promise<void> {
  await db.update(workers).set({ seenAt: sql`now()` }).where(eq(workers.owner, owner))
}

/** Of a worker that goes. */
export async function signOff (db: Database, owner: string): Promise<void> {
  await db.delete(workers).where(eq(workers.owner, owner))
}

/** Workers that nothing shows to be alive: they are dead, or have just lost their session. */
export async function findSilentWorkers (db: Database): Promise<WorkerLock[]> {
  return await db.select({ owner: workers.owner, key: workers.lockKey }).from(workers).where(isSilent)
}

/** What the dead had in hand. */
export interface FreedLeases {
  /** One that has signed on again meanwhile, or that another process took, is not among them. */
  owners: string[]
  stripeEvents: number
  facts: number
}

/**
 * Ends the leases of dead workers: what they had in hand is due for any other. Their attempts stay counted, as when a
 * lease runs out: Affitor may have recorded calls whose answers nobody saw.
 */
export async function endLeasesOfDead (db: Database, dead: WorkerLock[]): Promise<FreedLeases> {
  const { rows: [freed] } = await db.execute<FreedLeases & Record<string, unknown>>(sql`
    with dead as (
      delete from affitor.workers
      using unnest(${column(dead, ({ owner }) => owner)}::text[], ${column(dead, ({ key }) => key)}::int[]) as seen (owner, lock_key)
      where workers.owner = seen.owner and workers.lock_key = seen.lock_key and ${isSilent}
      returning workers.owner
    ), unread as (
      update affitor.stripe_events set leased_until = null, leased_by = null
      where leased_by = any (array(select owner from dead)) and state in ('received', 'parked')
      returning id
    ), undelivered as (
      update affitor.tracking_events set leased_until = null, leased_by = null
      where leased_by = any (array(select owner from dead)) and state = 'pending'
      returning id
    )
    select array(select owner from dead) as owners, (select count(*)::int from unread) as "stripeEvents", (select count(*)::int from undelivered) as facts`)
  return freed ?? { owners: [], stripeEvents: 0, facts: 0 }
}

export interface WorkerActivity {
  /** Processes that hold their lock, or said just now that they live. */
  alive: number
  /** Since the last call to Affitor ended, or 0 while something is in hand; null when neither is known. */
  secondsSinceWork: number | null
  /** For how long something has been due that nobody has in hand; null when nothing is due. */
  untakenSeconds: number | null
}

/** How many processes live. */
export const workersAlive = sql`select count(*)::int from affitor.workers where not (${isSilent})`

/** Whether anybody does the work. Cheap, whatever there is. */
export async function workerActivity (db: Database): Promise<WorkerActivity> {
  const { rows: [row] } = await db.execute<{ alive: number, inHand: boolean, sinceCall: number | null, untaken: number | null }>(sql`
    select
      (${workersAlive}) as alive,
      exists (select from affitor.tracking_events where state = 'pending' and leased_until > now()) or
        exists (select from affitor.stripe_events where state in ('received', 'parked') and leased_until > now()) as "inHand",
      (select extract(epoch from now() - max(finished_at))::float8 from affitor.delivery_attempts) as "sinceCall",
      extract(epoch from now() - least(
        (select min(next_attempt_at) from affitor.tracking_events where state = 'pending'),
        (select min(next_attempt_at) from affitor.stripe_events where state in ('received', 'parked'))
      ))::float8 as untaken`)
  if (row === undefined) throw new Error('No answer')
  const { alive, inHand, sinceCall, untaken } = row
  return {
    alive,
    secondsSinceWork: inHand ? 0 : sinceCall,
    untakenSeconds: untaken !== null && untaken > 0 ? untaken : null
  }
}
