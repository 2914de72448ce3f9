import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { TallySource } from '../db/tables.js'
import type { Database } from '../db/pool.js'
import { cameBack } from './reasons.js'
import type { Reason } from './reasons.js'

/*
 * Reports count millions of rows in the time of a few thousand: rows of which nothing more is to come are counted once,
 * a block at a time, and reports add the rows of the
 * blocks that are not. `affitor.recounts` in the migration says why
 * the sum is exact while rows change.
 */

/** Rows of a block of facts or Stripe events, as the power of 2 by which their ids are shifted. */
const BLOCK_BITS = 12
/** Hours are kept for reports of 30 days. */
const DAYS_KEPT = 31

const hourOf = (time: SQL) => sql`date_bin('1 hour', ${time}, 'epoch')`
const nextHour = (time: SQL) => sql`${hourOf(time)} + interval '1 hour'`
/** Days since 1970. */
const dayOf = (time: SQL) => sql`floor(extract(epoch from ${time}) / 86400)::bigint`
const startOf = (day: SQL) => sql`to_timestamp((${day}) * 86400)`

/** A sale counts once, as its session or as its invoice; what Affitor records itself is a sale all the same. */
const countsAsSale = sql`(state <> 'skipped' or reason = ${'recorded_by_connect' satisfies Reason})`
const isRefundThatCounts = sql`(kind = 'refund' and payload->>'v' = '1'
  and (reason is null or reason not in (${sql.join(cameBack.map(reason => sql`${reason}`), sql`, `)})))`

/** What the funnel reads of a fact `event`. A sale or refund without a currency does not count. */
const factColumns = sql`
  kind, state, ${hourOf(sql`occurred_at`)} as hour, kind = 'lead' and payload ? 'clickId' as referred,
  case
    when kind = 'sale' and payload->>'v' = '1' and ${countsAsSale} then payload->>'currency'
    when ${isRefundThatCounts} then (
      select sale.payload->>'currency' from affitor.tracking_events sale
      where sale.kind = 'sale' and sale.transaction_id = event.sale_transaction_id)
  end as currency,
  case when kind <> 'lead' and payload->>'v' = '1' then (payload->>'amountCents')::numeric::bigint end as cents`

/** A source's tallies that hold: not of blocks of which a row changed since. */
const standing = (source: TallySource) => sql`
  affitor.tallies tally where source = ${source}
    and not exists (select from affitor.recounts recount where recount.source = tally.source and recount.block = tally.block)`

/**
 * Rows of the blocks that are not counted. The limit is what a block holds at most: without it the planner expects a ninth
 * of the table in each, and rather reads all of the period by its time.
 */
const openRows = (source: 'tracking_events' | 'stripe_events', id: SQL) => sql`
  affitor.open_blocks(${source}, 0, (select max(${id}) >> ${BLOCK_BITS} from affitor.${sql.raw(source)})) block,
  lateral (
    select * from affitor.${sql.raw(source)} row
    where row.${id} between block << ${BLOCK_BITS} and (block + 1 << ${BLOCK_BITS}) - 1
    order by row.${id} limit ${1 << BLOCK_BITS}) event`

/** All facts, as kind, state and count; several rows of the same kind and state. */
export const factsByState = sql`
  select kind, state, count from ${standing('tracking_events')} and hour is null
  union all select kind, state, 1 from ${openRows('tracking_events', sql`id`)}`

/** All Stripe events, as state and count; several rows of the same state. */
export const stripeEventsByState = sql`
  select state, count from ${standing('stripe_events')} and hour is null
  union all select state, 1 from ${openRows('stripe_events', sql`seq`)}`

/** Facts that occurred since a time of at most 30 days ago, as kind, state, currency, cents, referred and count. */
export function factsSince (since: SQL): SQL {
  return sql`
    select kind, state, currency, cents, referred, count from ${standing('tracking_events')} and hour >= ${nextHour(since)}
    union all
    select kind, state, currency, cents, referred, 1 from (
      select ${factColumns} from ${openRows('tracking_events', sql`id`)} where occurred_at >= ${nextHour(since)}
      union all
      select ${factColumns} from affitor.tracking_events event where occurred_at >= ${since} and occurred_at < ${nextHour(since)}) fact`
}

/** Checkout Sessions that were created since a time of at most 30 days ago, as count. */
export function checkoutsSince (since: SQL): SQL {
  return sql`
    select count from ${standing('checkout_sessions')} and hour >= ${nextHour(since)}
    union all
    select 1 from affitor.open_blocks('checkout_sessions', ${dayOf(nextHour(since))}, ${dayOf(sql`now()`)} + 1) block, affitor.checkout_sessions
    where created_at >= greatest(${startOf(sql`block`)}, ${nextHour(since)}) and created_at < ${startOf(sql`block + 1`)}
    union all
    select 1 from affitor.checkout_sessions where created_at >= ${since} and created_at < ${nextHour(since)}`
}

/** Up to where rows had been added at a moment, and which transactions were open then. */
export interface Mark {
  fact: number
  stripeEvent: number
  /** The day, since 1970. */
  day: number
  transactions: string[]
}

/**
 * Notes how far the tables go. Once the transactions that are open now have ended, nobody adds rows before that: ids and
 * times are handed out before they are committed, but within a transaction.
 */
export async function setMark (db: Database): Promise<Mark> {
  const { rows: [ends] } = await db.execute<{ fact: number, stripeEvent: number, day: number }>(sql`
    select coalesce((select max(id) from affitor.tracking_events), -1)::float8 as fact,
      coalesce((select max(seq) from affitor.stripe_events), -1)::float8 as "stripeEvent", ${dayOf(sql`now()`)}::float8 as day`)
  return { fact: -1, stripeEvent: -1, day: 0, ...ends, transactions: await openTransactions(db) }
}

/** Whether all transactions have ended that were open at the mark. */
export async function isPast (db: Database, mark: Mark): Promise<boolean> {
  const open = new Set(await openTransactions(db))
  return !mark.transactions.some(transaction => open.has(transaction))
}

/** Those of this database, others' than the caller's: each holds a lock of its own, prepared ones those of tables. */
async function openTransactions (db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    select distinct virtualtransaction as id from pg_locks
    where pid is distinct from pg_backend_pid() and (
      database = (select oid from pg_database where datname = current_database())
      or locktype = 'virtualxid' and pid in (select pid from pg_stat_activity where datname = current_database()))`)
  return rows.map(({ id }) => id)
}

/**
 * Counts some blocks before a mark that is past, and forgets hours that no report shows. One process at a time: another
 * that comes meanwhile finds nothing to do.
 * @param limit most blocks
 * @returns blocks counted
 */
export async function tallyBlocks (db: Database, mark: Mark, limit: number): Promise<number> {
  return await db.transaction(async tx => {
    const { rows: [lock] } = await tx.execute<{ held: boolean }>(sql`
      select pg_try_advisory_xact_lock(hashtextextended('affitor.tallies', 0)) as held`)
    if (lock?.held !== true) return 0
    await forgetOldHours(tx)
    const countable = await findCountable(tx, mark, limit)
    let counted = 0
    for (const { source, block } of countable) counted += (await tx.execute(count[source](sql`${block}::bigint`))).rowCount ?? 0
    return counted
  }, { accessMode: 'read write', isolationLevel: 'read committed' })
}

async function forgetOldHours (db: Pick<Database, 'execute'>): Promise<void> {
  const oldest = sql`now() - make_interval(days => ${DAYS_KEPT})`
  await db.execute(sql`delete from affitor.tallies where source in ('tracking_events', 'checkout_sessions') and hour < ${oldest}`)
  for (const table of ['tallied_blocks', 'recounts']) {
    await db.execute(sql`delete from affitor.${sql.raw(table)} where source = 'checkout_sessions' and block < ${dayOf(oldest)}`)
  }
}

/** Blocks that are not counted, oldest first, and of which nothing waits. */
async function findCountable (db: Pick<Database, 'execute'>, { fact, stripeEvent, day }: Mark, limit: number): Promise<Array<{ source: TallySource, block: string }>> {
  const lastBlock = (id: number) => sql`(${id}::bigint + 1 >> ${BLOCK_BITS}) - 1`
  const waits = (source: 'tracking_events' | 'stripe_events', id: SQL, states: SQL) => sql`exists (
    select from affitor.${sql.raw(source)} where state in (${states}) and ${id} between block << ${BLOCK_BITS} and (block + 1 << ${BLOCK_BITS}) - 1)`
  const { rows } = await db.execute<{ source: TallySource, block: string }>(sql`
    select 'tracking_events' as source, block from affitor.open_blocks('tracking_events', 0, ${lastBlock(fact)}) block
    where not ${waits('tracking_events', sql`id`, sql`'pending'`)}
    union all
    select 'stripe_events', block from affitor.open_blocks('stripe_events', 0, ${lastBlock(stripeEvent)}) block
    where not ${waits('stripe_events', sql`seq`, sql`'received', 'parked'`)}
    union all
    select 'checkout_sessions', block
    from affitor.open_blocks('checkout_sessions', ${dayOf(sql`now() - make_interval(days => ${DAYS_KEPT})`)}, ${day}::bigint - 1) block
    order by source, block limit ${limit}`)
  return rows
}

const count: Record<TallySource, (block: SQL) => SQL> = {
  tracking_events: block => countBlock('tracking_events', block, sql`
    select ${factColumns},
      -- A refund that counts, and whose sale is not there, would count once it is.
      state = 'pending' or ${isRefundThatCounts} and not exists (
        select from affitor.tracking_events sale where sale.kind = 'sale' and sale.transaction_id = event.sale_transaction_id) as waits
    from affitor.tracking_events event where id between ${block} << ${BLOCK_BITS} and (${block} + 1 << ${BLOCK_BITS}) - 1`),
  stripe_events: block => countBlock('stripe_events', block, sql`
    select null as kind, state, ${noDetails}, state in ('received', 'parked') as waits
    from affitor.stripe_events where seq between ${block} << ${BLOCK_BITS} and (${block} + 1 << ${BLOCK_BITS}) - 1`),
  checkout_sessions: block => countBlock('checkout_sessions', block, sql`
    select null as kind, null as state, ${hourOf(sql`created_at`)} as hour, false as referred, null as currency, null::bigint as cents, false as waits
    from affitor.checkout_sessions where created_at >= ${startOf(block)} and created_at < ${startOf(sql`${block} + 1`)}`)
}

const noDetails = sql`null::timestamptz as hour, false as referred, null as currency, null::bigint as cents`

/** In one statement, so of one moment: a change that it does not see leaves a mark that it does not see. */
function countBlock (source: TallySource, block: SQL, rows: SQL): SQL {
  return sql`
    with event as materialized (${rows}),
    ready as materialized (select where not exists (select from event where waits)),
    former as (delete from affitor.tallies where source = ${source} and block = ${block} and exists (select from ready)),
    seen as (delete from affitor.recounts where source = ${source} and block = ${block} and exists (select from ready)),
    counted as (
      insert into affitor.tallies (source, block, kind, state, hour, currency, cents, referred, count)
      select ${source}, ${block}, kind, state, hour, currency, cents, referred, count(*)
      from event where exists (select from ready)
      group by grouping sets ((kind, state), (kind, state, hour, currency, cents, referred))
      having grouping(hour) = 1 or hour >= now() - make_interval(days => ${DAYS_KEPT})
    )
    insert into affitor.tallied_blocks (source, block) select ${source}, ${block} from ready
    on conflict (source, block) do update set block = excluded.block`
}
