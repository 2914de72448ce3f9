import type Stripe from 'stripe'
import { event } from '../../sandbox/stripe/objects/index.js'
import type { Database } from '../../src/db/pool.js'
import { claimTrackingEvents, settleTrackingEvents } from '../../src/ledger/delivery.js'
import { insertFacts } from '../../src/ledger/facts.js'
import { openInbox } from '../../src/ledger/inbox.js'
import { claimStripeEvents, settleStripeEvents } from '../../src/ledger/stripe-events.js'
import type { OpenedDatabase } from '../harness/databases.js'
import { paidSession } from '../harness/stripe-objects.js'

const FACTS = 500

/** What one payment costs by itself: its event is stored, read and told, each in a transaction of its own, one after the other. */
export async function measureFact (database: OpenedDatabase, db: Database): Promise<string> {
  const inbox = openInbox(db)
  const read = async () => {
    await database.query('select pg_stat_clear_snapshot()')
    const [row] = await database.query<{ wal: number, commits: number }>(`
      select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 as wal, pg_stat_get_db_xact_commit(oid)::float8 as commits
      from pg_database where datname = current_database()`)
    return row ?? { wal: 0, commits: 0 }
  }
  const before = await read()
  for (let n = 0; n < FACTS; n++) {
    const stored = event('checkout.session.completed', paidSession({ userId: `user_${n}` })) as unknown as Stripe.Event
    await inbox.store(stored, JSON.stringify(stored, null, 2))
    const [claimed] = await claimStripeEvents(db, 'scale', 1, 60)
    const transactionId = `cs_${n}`
    await db.transaction(async tx => {
      await insertFacts(tx, [{
        kind: 'sale', transactionId, customerKey: `user_${n}`, source: claimed?.id ?? '', payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false }
      }])
      await settleStripeEvents(tx, 'scale', [{ id: claimed?.id ?? '', state: 'interpreted' }])
    })
    const [due] = await claimTrackingEvents(db, { owner: 'scale', limit: 1, leaseSeconds: 60, retrySeconds: 60 })
    await settleTrackingEvents(db, 'scale', [{ id: due?.id ?? 0, state: 'delivered', reason: null, attempt: { status: 200, error: null, response: { success: true }, durationMs: 50 } }])
  }
  // Connections report their commits within a second, when they are idle.
  await new Promise(resolve => setTimeout(resolve, 1_500))
  const after = await read()
  return `a payment by itself, of ${FACTS}: ${Math.round((after.wal - before.wal) / FACTS)} bytes of WAL (pages written for the first time since a checkpoint included), ` +
    `${((after.commits - before.commits) / FACTS).toFixed(1)} transactions, 1 row of stripe_events, tracking_events and delivery_attempts each\n`
}

/** Bytes a row of each table. */
export async function measureSizes (database: OpenedDatabase, rows: number): Promise<string> {
  const tables = await database.query<{ name: string, rows: number, heap: number, indexes: number, toast: number }>(`
    select relname as name, reltuples::float8 as rows, pg_relation_size(oid)::float8 as heap, pg_indexes_size(oid)::float8 as indexes,
      (pg_table_size(oid) - pg_relation_size(oid))::float8 as toast
    from pg_class where relnamespace = 'affitor'::regnamespace and relkind = 'r' and reltuples > 0 and relname <> 'migrations' order by pg_total_relation_size(oid) desc`)
  const [depth] = await database.query<{ bytes: number }>("select pg_relation_size('affitor.tracking_events_pkey')::float8 as bytes")
  const lines = tables.map(table => `| ${table.name} | ${Math.round(table.rows / rows * 100) / 100} | ${Math.round(table.heap / table.rows)} | ${Math.round(table.indexes / table.rows)} | ${Math.round(table.toast / table.rows)} |`)
  const perFact = tables.reduce((sum, table) => sum + table.heap + table.indexes + table.toast, 0) / rows
  return `bytes, of ${rows} facts with what belongs to them:\n| table | rows a fact | heap a row | indexes a row | TOAST and maps a row |\n| --- | --- | --- | --- | --- |\n${lines.join('\n')}\n` +
    `together ${Math.round(perFact)} bytes a fact; the primary key of facts takes ${((depth?.bytes ?? 0) / rows).toFixed(1)} bytes a fact\n`
}
