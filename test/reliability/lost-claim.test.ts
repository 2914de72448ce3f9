import t from 'tap'
import type { Test } from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { stripeEvent } from '../helpers/webhook.js'
import { makeWorkers } from '../helpers/workers.js'

/** Workers whose claim of what is in `table` is committed, while the connection breaks before they hear of it. */
async function loseClaim (t: Test, table: string, add: (ledger: Awaited<ReturnType<typeof openLedger>>) => Promise<unknown>) {
  const { connectionString } = await createTestDatabase(t)
  const proxy = await startDatabaseProxy(t, connectionString)
  const direct = await openLedger(t, connectionString)
  const ledger = await openLedger(t, proxy.connectionString)
  ledger.pool.on('error', () => {})
  await add(direct)
  await direct.query(`
    create function public.dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(1); return new; end';
    create trigger dawdle before update on ${table} for each row when (old.leased_by is null and new.leased_by is not null) execute function public.dawdle()`)
  makeWorkers(t, ledger, { affitor: await startAffitor(t), testMode: true, pollMs: 50 }).start()
  await eventually('the claim is made', async () => (await direct.query(
    "select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")).length === 1)
  proxy.stall()
  await eventually('the claim is committed', async () => (await direct.query(`select from ${table} where leased_by is not null`)).length === 1)
  await proxy.cut()
  await proxy.restore()
  return direct
}

// A lease is of 40 seconds for a delivery, of 60 for an interpretation.
const SECONDS = 10

t.test('a claim whose answer is lost with the connection: the fact does not wait for the lease to run out', async t => {
  const ledger = await loseClaim(t, 'tracking_events', direct => direct.add({ kind: 'sale' }))
  await eventually('the sale is delivered', async () => (await ledger.rows())[0]?.state === 'delivered', SECONDS)
})

t.test('the same with a Stripe event', async t => {
  const { id, type, created, ...rest } = stripeEvent()
  const ledger = await loseClaim(t, 'stripe_events', direct => direct.query(
    'insert into stripe_events (id, type, livemode, created, payload) values ($1, $2, false, to_timestamp($3), $4)',
    [id, type, created, JSON.stringify({ id, type, created, ...rest })]))
  await eventually('the event is read', async () => (await ledger.query('select state from stripe_events'))[0]?.state === 'ignored', SECONDS)
})
