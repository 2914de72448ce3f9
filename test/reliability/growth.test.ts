import type pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { openDatabase } from '../../src/db/pool.js'
import { claimTrackingEvents } from '../../src/ledger/delivery.js'
import { endLeasesOfDead, findSilentWorkers } from '../../src/ledger/workers.js'
import { fillPending, fillSettled } from '../../tools/harness/fill.js'
import type { Fillable } from '../../tools/harness/fill.js'
import { paidInvoice, paidSession, paymentOf, refundOf, sendEvent, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import type { Bookkeeper } from '../helpers/bookkeeper.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'
import { withClient } from '../helpers/postgres-server.js'

// Tables are filled, on a machine that may be busy.
t.setTimeout(300_000)

/** Settled rows of each table. */
const SETTLED = 20_000
const CUSTOMERS = 3
/** An index of so many rows is a level deeper, and fewer of a block's rows are of use: this much is no fault. */
const GROWTH = 3

/** Ten events are read, locked and written, with each customer's others and their index entries: measured 248 to 365 blocks. */
const MOST_TO_CLAIM = 500

/** Two leases are ended, of two tables that hold 20,000 settled rows each. */
const MOST_TO_END = 60

type Blocks = Record<string, number>

const rowsOf = (client: pg.Client): Fillable => ({ query: async (text, values) => (await client.query(text, values)).rows })

/** What a customer and the operator do, and others who come at once. */
async function live (service: Bookkeeper): Promise<void> {
  const buyer = await service.buyer()
  await service.request('POST', '/api/login', { email: 'nobody@example.com', password: 'correct horse battery' })
  await service.checkOut(buyer.accessToken)
  const session = paidSession(buyer)
  const payment = String(session.payment_intent)
  const subscription = newId('sub_1')
  const renewal = paidInvoice(buyer, { subscription })
  await service.receive(
    stripeEvent('checkout.session.completed', session),
    stripeEvent('checkout.session.completed', session),
    stripeEvent('refund.created', refundOf(payment, 1000)),
    stripeEvent('invoice.paid', paidInvoice(buyer, { subscription }, { billing_reason: 'subscription_create' })),
    stripeEvent('invoice.paid', renewal),
    stripeEvent('invoice_payment.paid', paymentOf(renewal.id, newId('pi_3'), 1900)),
    stripeEvent('refund.updated', refundOf(newId('pi_3'), 500)))
  for (let other = 0; other < 10; other++) {
    const { userId } = await service.signUp()
    await sendEvent(service, stripeEvent('checkout.session.completed', paidSession({ userId })))
  }
  await service.work()
  for (const path of ['events', 'events?state=needs_attention', `events?customerKey=${buyer.userId}`, `customers/${buyer.userId}`, 'stripe-events']) {
    await service.operator('GET', `/api/tracking/${path}`)
  }
}

/** Blocks of each table and its indexes that were read so far, from memory or from disk. */
async function blocksRead (ledger: TestLedger): Promise<Blocks> {
  // Connections report what they have read when they end, at the latest.
  await eventually('all other connections have ended', async () => (await ledger.query(`
    select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`)).length === 0)
  const rows = await ledger.query(`
    select relname as name, (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit +
      coalesce(toast_blks_read + toast_blks_hit + tidx_blks_read + tidx_blks_hit, 0))::int as blocks
    from pg_statio_user_tables where schemaname in ('affitor', 'affitor_service') and relname not in ('installation', 'migrations', 'workers')`)
  return Object.fromEntries(rows.map(({ name, blocks }) => [name as string, blocks as number]))
}

/** What some customers cost of it. */
async function cost (t: Test, ledger: TestLedger): Promise<Blocks> {
  const before = await blocksRead(ledger)
  await t.test('customers come, and the service stops', async t => {
    const service = await startBookkeeper(t, { connectionString: ledger.connectionString })
    for (let customer = 0; customer < CUSTOMERS; customer++) await live(service)
  })
  const after = await blocksRead(ledger)
  return Object.fromEntries(Object.entries(after).map(([table, blocks]) => [table, blocks - (before[table] ?? 0)]))
}

/** Tables that facts pass by, and that are read when something was changed, told or deleted by hand. */
const ASIDE = ['alerts', 'forgotten_customers', 'operator_actions', 'recounts', 'tallied_blocks', 'tallies']
/** Blocks that a look into an empty table costs, for each of a few customers. */
const A_FEW = 100

// What the planner knows of the tables is a minute old at best, and nothing after a restore.
for (const statistics of ['none', 'of before it grew']) {
  t.test(`what a fact reads of the database does not grow with it, with statistics of the tables: ${statistics}`, async t => {
    const ledger = await openLedger(t)
    const { connectionString } = ledger
    const tables = Object.keys(await blocksRead(ledger))
    for (const table of tables) await ledger.query(`alter table ${table} set (autovacuum_enabled = false)`)
    const analyze = () => withClient(connectionString, client => client.query('analyze'))

    const small = await cost(t, ledger)
    const compare = async (what: string) => {
      const large = await cost(t, ledger)
      for (const table of tables) {
        const [before = 0, after = 0] = [small[table], large[table]]
        t.ok((before > 0 || ASIDE.includes(table)) && after <= Math.max(GROWTH * before, ASIDE.includes(table) ? A_FEW : 0), `${table}: ${before} blocks before and ${after} after ${SETTLED} rows, with statistics ${what}`)
      }
    }
    if (statistics !== 'none') await analyze()
    await withClient(connectionString, client => fillSettled(rowsOf(client), SETTLED))
    await compare(statistics)
    if (statistics === 'none') return
    await analyze()
    await compare('up to date')
  })
}

/** Blocks of the ledger that taking ten events of the many that wait costs. */
async function claimCost (t: Test, settled: number, waiting: number): Promise<number> {
  const ledger = await openLedger(t)
  const { connectionString } = ledger
  await withClient(connectionString, async client => {
    await fillSettled(rowsOf(client), settled)
    await fillPending(rowsOf(client), waiting)
    await client.query('vacuum analyze')
  })
  const before = await blocksRead(ledger)
  const { pool, db } = openDatabase({ connectionString, poolSize: 1 })
  const claimed = await claimTrackingEvents(db, { owner: 'a', limit: 10, leaseSeconds: 60, retrySeconds: 60 })
  await pool.end()
  t.equal(claimed.length, 10)
  const after = await blocksRead(ledger)
  return (after.tracking_events ?? 0) - (before.tracking_events ?? 0)
}

t.test('what it takes to find work does not grow with what waits', async t => {
  // The planner changes its mind with the share of what waits.
  for (const settled of [0, 2_000, 20_000]) {
    for (const waiting of [100, 1_000, 3_000]) {
      const blocks = await claimCost(t, settled, waiting)
      t.ok(blocks < MOST_TO_CLAIM, `${blocks} blocks for 10 of ${waiting} events, after ${settled} settled ones`)
    }
  }
})

t.test('what it takes to end the leases of the dead does not grow with what is settled', async t => {
  for (const statistics of [false, true]) {
    const ledger = await openLedger(t)
    await withClient(ledger.connectionString, async client => {
      for (const table of ['tracking_events', 'stripe_events']) await client.query(`alter table affitor.${table} set (autovacuum_enabled = false)`)
      await fillSettled(rowsOf(client), SETTLED)
      if (statistics) await client.query('analyze')
    })
    await ledger.add({}, {})
    await ledger.claim('dead')
    await ledger.query("insert into workers (owner, lock_key, seen_at) values ('dead', 1, now() - interval '1 minute')")
    const before = await blocksRead(ledger)
    const { pool, db } = openDatabase({ connectionString: ledger.connectionString, poolSize: 1 })
    t.same(await findSilentWorkers(db), [{ owner: 'dead', key: 1 }])
    t.same((await endLeasesOfDead(db, [{ owner: 'dead', key: 1 }])).owners, ['dead'])
    await pool.end()
    const after = await blocksRead(ledger)
    t.match(await ledger.query("select leased_by, attempts from tracking_events where state = 'pending'"), [{ leased_by: null, attempts: 1 }, { leased_by: null, attempts: 1 }])
    for (const table of ['tracking_events', 'stripe_events']) {
      const blocks = (after[table] ?? 0) - (before[table] ?? 0)
      t.ok(blocks < MOST_TO_END, `${table}: ${blocks} blocks, ${statistics ? 'with' : 'without'} statistics`)
    }
  }
})
