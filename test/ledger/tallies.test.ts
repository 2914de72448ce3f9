import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import pino from 'pino'
import t from 'tap'
import type { Period } from '../../schemas/reports.js'
import type { Queryable } from '../../src/db/pool.js'
import { readFunnel } from '../../src/ledger/reports.js'
import { prune } from '../../src/ledger/retention.js'
import { countStripeEvents, requeueStripeEvents } from '../../src/ledger/stripe-events.js'
import { isPast, setMark, tallyBlocks } from '../../src/ledger/tallies.js'
import { retryTrackingEvent, summarize } from '../../src/ledger/tracking-events.js'
import { tallyNowAndThen } from '../../src/workers/tally.js'
import { randomFrom } from '../../tools/harness/random.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'

t.setTimeout(180_000)

const log = pino({ level: 'silent' })
const PERCENT = 12.5
const periods: Period[] = ['1h', '24h', '7d', '30d']
const seconds = { '1h': 3_600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 }

/** What the reports say, and what the rows say, of one moment. */
async function compare (ledger: TestLedger): Promise<{ told: unknown, counted: unknown }> {
  return await ledger.db.transaction(async tx => {
    const { counts } = await summarize(tx)
    const told: unknown[] = [counts, await countStripeEvents(tx)]
    const counted: unknown[] = [
      await rowsOf(tx, 'select kind, state, count(*)::int from affitor.tracking_events group by kind, state order by kind, state'),
      await rowsOf(tx, 'select state, count(*)::int from affitor.stripe_events group by state order by state')
    ]
    for (const period of periods) {
      const { period: _period, since: _since, ...funnel } = await readFunnel(tx, period, PERCENT)
      told.push(funnel)
      counted.push(await funnelOfRows(tx, seconds[period]))
    }
    return { told, counted }
  }, { isolationLevel: 'repeatable read' })
}

const rowsOf = async (db: Queryable, text: string) => (await db.execute(sql.raw(text))).rows

/** The funnel by its definition. */
async function funnelOfRows (db: Queryable, length: number) {
  // From a whole minute on.
  const since = `date_bin('1 minute', now() - interval '${length} seconds', 'epoch')`
  const [counts] = await rowsOf(db, `
    select count(*)::int as leads, count(*) filter (where payload ? 'clickId')::int as "referredLeads",
      (select count(*)::int from affitor.checkout_sessions where created_at >= ${since}) as checkouts
    from affitor.tracking_events where kind = 'lead' and occurred_at >= ${since}`)
  const share = `round((payload->>'amountCents')::numeric * ${PERCENT} / 100)`
  const currencies = await rowsOf(db, `
    select currency, sum(sales)::int as sales, sum(attributed)::int as "attributedSales", sum(paid)::float8 as "revenueCents",
      sum(refunded)::float8 as "refundedCents", sum(commission)::float8 as "commissionCents"
    from (
      select payload->>'currency' as currency, 1 as sales, (state = 'delivered')::int as attributed, (payload->>'amountCents')::numeric as paid,
        0 as refunded, case when state = 'delivered' then ${share} else 0 end as commission
      from affitor.tracking_events
      where kind = 'sale' and occurred_at >= ${since} and payload->>'v' = '1' and (state <> 'skipped' or reason = 'recorded_by_connect')
      union all
      select (select payload->>'currency' from affitor.tracking_events sale where kind = 'sale' and transaction_id = refund.sale_transaction_id),
        0, 0, 0, (payload->>'amountCents')::numeric, case when state = 'delivered' then -${share} else 0 end
      from affitor.tracking_events refund
      where kind = 'refund' and occurred_at >= ${since} and payload->>'v' = '1' and not affitor.came_back(reason)
    ) movement where currency is not null group by currency order by sum(sales) desc, currency collate "C"`)
  return { ...counts, sales: currencies.reduce((sum, row) => sum + Number(row.sales), 0), currencies }
}

/** Facts, Stripe events and checkouts of the last 40 days, most of them settled. `from` numbers the first. A checkout is made now, but before a test. */
async function fill (query: TestLedger['query'], from: number, count: number, checkoutDays = 40): Promise<void> {
  await query(`
    insert into tracking_events (kind, transaction_id, sale_transaction_id, customer_key, payload, source, occurred_at, state, reason)
    select kind, kind || n, case kind when 'refund' then 'sale' || n - 2 end, 'customer' || n, case kind
        when 'lead' then '{"v":1}'::jsonb || case when n % 5 = 0 then '{"clickId":"c"}' else '{}' end::jsonb
        when 'sale' then jsonb_build_object('v', 1, 'amountCents', 4990 + n % 7, 'currency', case when n % 11 = 0 then 'EUR' else 'USD' end, 'saleType', 'payment', 'isRecurring', false)
        else jsonb_build_object('v', 1, 'amountCents', 990, 'currency', 'USD', 'full', false) end,
      'sql', now() - random() * interval '40 days', state,
      case when state = 'skipped' then (array['recorded_by_connect', 'twin_of_session', 'dispute_won'])[1 + n % 3] end
    from generate_series($1::int, $1::int + $2::int - 1) n, lateral (select
      case when n % 3 = 0 then 'lead' when n % 30 = 1 and n > $1::int + 1 then 'refund' else 'sale' end as kind,
      case when n % 40 = 7 then 'skipped' when n % 100 = 3 then 'needs_attention' when n % 10 = 3 then 'unattributed' else 'delivered' end as state) fact`,
  [from, count])
  await query(`
    insert into stripe_events (id, type, livemode, created, payload, received_at, state)
    select 'evt_' || n, 'x', false, now(), '{}', now() - random() * interval '40 days', (array['interpreted', 'interpreted', 'ignored', 'failed'])[1 + n % 4]
    from generate_series($1::int, $1::int + $2::int - 1) n`, [from, count])
  await query(`
    insert into checkout_sessions (id, customer_key, price_id, mode, quantity, created_at)
    select 'cs_' || n, 'ada', 'price_1', 'payment', 1, now() - random() * make_interval(days => $3) from generate_series($1::int, $1::int + $2::int - 1) n`, [from, count, checkoutDays])
}

/** Blocks that are to be counted again; not the last one, which is not full. */
async function marks (ledger: TestLedger): Promise<unknown[]> {
  return await ledger.query(`
    select source, block from recounts where block < case source
      when 'tracking_events' then (select max(id) >> 12 from tracking_events) when 'stripe_events' then (select max(seq) >> 12 from stripe_events) end`)
}

async function tallyAll (ledger: TestLedger): Promise<number> {
  const mark = await setMark(ledger.db)
  await eventually('the mark is past', () => isPast(ledger.db, mark))
  let total = 0
  for (let counted = 1; counted > 0; total += counted) counted = await tallyBlocks(ledger.db, mark, 50)
  return total
}

t.test('what is counted once is what the rows say, and reports read few of them', async t => {
  const ledger = await openLedger(t)
  const same = async (message: string) => {
    const { told, counted } = await compare(ledger)
    t.same(told, counted, message)
  }
  await same('an empty ledger')
  await fill(ledger.query, 1, 13_000)
  await ledger.query("select setval('tracking_events_id_seq', 20000), setval('stripe_events_seq_seq', 20000)")
  await fill(ledger.query, 20_000, 10, 0)
  await same('nothing is counted yet')
  const blocks = await tallyAll(ledger)
  t.ok(blocks >= 8 + 31, `${blocks} blocks: 8 of facts and events, and days of checkouts`)
  await same('most is counted')
  t.equal(await tallyAll(ledger), 0, 'and not again')

  await ledger.query('analyze')
  const [{ blocks: open } = {}] = await ledger.query('select count(*)::int as blocks from affitor.open_blocks(\'tracking_events\', 0, 4)')
  t.equal(open, 1, 'only the last block of facts is read')

  await ledger.query("update tracking_events set state = 'pending' where id in (5, 6, 5000)")
  await same('what waits again')
  t.equal(await tallyAll(ledger), 0, 'its blocks are not counted')
  await ledger.query("update tracking_events set state = 'delivered' where id in (5, 6, 5000)")
  await same('it is delivered')
  t.equal(await tallyAll(ledger), 2, 'then they are')
  await ledger.query("update tracking_events set state = 'skipped', reason = 'refund_failed' where kind = 'refund' and state = 'delivered'")
  await ledger.query('delete from tracking_events where id % 1000 = 0; delete from checkout_sessions where random() < 0.1; delete from stripe_events where seq < 5000')
  await same('corrected and deleted')
  t.ok(await tallyAll(ledger) > 3)
  await same('counted again')
  t.same(await marks(ledger), [])
  await ledger.query('truncate tracking_events, stripe_events, checkout_sessions cascade')
  await same('emptied')
})

t.test('a transaction that was open at the mark may still add facts', async t => {
  const ledger = await openLedger(t)
  await fill(ledger.query, 1, 4_000)
  const late = new pg.Client({ connectionString: ledger.connectionString })
  await late.connect()
  t.teardown(() => late.end())
  await late.query('begin')
  await late.query("select affitor.track_lead('late')")
  await fill(ledger.query, 5_000, 1_000)
  const mark = await setMark(ledger.db)
  await delay(50)
  t.equal(await isPast(ledger.db, mark), false, 'its ids are below others that are committed')
  await late.query('commit')
  t.equal(await isPast(ledger.db, mark), true)
  await ledger.query("update tracking_events set state = 'delivered'")
  t.ok(await tallyBlocks(ledger.db, mark, 10_000) > 0)
  const { told, counted } = await compare(ledger)
  t.same(told, counted)
})

t.test('a change that is not committed while its block is counted has it counted again', async t => {
  const ledger = await openLedger(t)
  await fill(ledger.query, 1, 5_000)
  const other = new pg.Client({ connectionString: ledger.connectionString })
  await other.connect()
  t.teardown(() => other.end())
  const mark = await setMark(ledger.db)
  await eventually('the mark is past', () => isPast(ledger.db, mark))
  // Of repeatable reads: it cannot see what is counted meanwhile.
  await other.query('begin isolation level repeatable read')
  await other.query("update affitor.tracking_events set state = 'rejected' where id = 4000")
  t.ok(await tallyBlocks(ledger.db, mark, 10_000) > 0)
  await other.query("update affitor.tracking_events set state = 'unattributed' where id = 4001")
  await other.query('commit')
  const { told, counted } = await compare(ledger)
  t.same(told, counted)
  t.equal(await tallyAll(ledger), 1)
  const again = await compare(ledger)
  t.same(again.told, again.counted)
})

t.test('of a refund whose sale is not there, the block waits for the sale', async t => {
  const ledger = await openLedger(t)
  await fill(ledger.query, 1, 5_000)
  await ledger.query("update tracking_events set sale_transaction_id = 'later' where kind = 'refund' and id < 100")
  await tallyAll(ledger)
  await ledger.query(`
    insert into tracking_events (kind, transaction_id, customer_key, payload, source, state)
    select 'sale', 'later', 'x', payload, 'sql', 'delivered' from tracking_events where kind = 'sale' limit 1`)
  const { told, counted } = await compare(ledger)
  t.same(told, counted)
  t.ok(await tallyAll(ledger) > 0)
})

t.test('under traffic and kills, of any moment', async t => {
  const ledger = await openLedger(t)
  await fill(ledger.query, 1, 9_000)
  const seed = Date.now()
  t.comment(`seed ${seed}`)
  const random = randomFrom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const any = (most: number) => 1 + below(most)
  const steps: Array<() => Promise<unknown>> = [
    () => ledger.query("update tracking_events set state = 'delivered', reason = null where state = 'pending' and random() < 0.5"),
    () => retryTrackingEvent(ledger.db, any(9_000)),
    () => ledger.query("update tracking_events set state = 'needs_attention', reason = 'dispute_won_after_reversal' where kind = 'refund' and id between $1::int and $1::int + 100", [any(9_000)]),
    () => requeueStripeEvents(ledger.db, { ids: [`evt_${any(9_000)}`, `evt_${any(9_000)}`] }),
    () => ledger.query("update stripe_events set state = 'ignored' where state = 'received'"),
    () => prune(ledger.db, 20, 50),
    () => fill(ledger.query, 10_000 + below(1_000_000_000), any(300), 0),
    // A process is killed: what it was about is undone.
    () => ledger.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database() and random() < 0.1')
  ]
  const tally = () => tallyNowAndThen({ db: ledger.db, log, everyMs: 10, pauseMs: 1 })
  let processes = [tally(), tally()]
  for (const process of processes) process.start()
  const failed: string[] = []
  let compared = 0
  const until = Date.now() + 12_000
  const traffic = Array.from({ length: 3 }, async () => {
    while (Date.now() < until) await steps[below(steps.length)]?.().catch(error => failed.push(String(error)))
  })
  while (Date.now() < until) {
    const pair = await compare(ledger).catch(error => { failed.push(String(error)) })
    if (pair === undefined) continue
    t.same(pair.told, pair.counted)
    compared++
    if (compared % 20 === 0) {
      await Promise.all(processes.map(process => process.stop()))
      processes = [tally(), tally()]
      for (const process of processes) process.start()
    }
  }
  await Promise.all(traffic)
  t.ok(compared > 1, `${compared} moments, ${failed.length} statements were lost`)
  await ledger.query("update tracking_events set state = 'delivered', reason = null where state = 'pending'")
  await ledger.query("update stripe_events set state = 'ignored' where state = 'received'")
  await Promise.all(processes.map(process => process.stop()))
  await tallyAll(ledger)
  t.same(await marks(ledger), [])
  const { told, counted } = await compare(ledger)
  t.same(told, counted, 'in the end')
})
