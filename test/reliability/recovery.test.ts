import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { Behaviour } from '../../sandbox/affitor/index.js'
import { checkOrder } from '../../tools/harness/check-affitor.js'
import { startAffitor } from '../helpers/affitor.js'
import type { StartedAffitor } from '../helpers/affitor.js'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'
import { startProcess } from '../helpers/processes.js'
import { stripeEvent } from '../helpers/webhook.js'
import { makeWorkers } from '../helpers/workers.js'

// Real processes, on a machine that may be busy.
t.setTimeout(240_000)

/** The longest wait of what a dead worker had in hand. A lease is of 50 seconds for a delivery, of 60 for an interpretation. */
const SECONDS = 5
const CUSTOMERS = 3
/** So that no call ends by itself while a test looks. */
const HANGS: Behaviour = { latencyMs: 60_000, endpoints: ['lead', 'sale', 'refund'] }

/** Customers whom a partner referred, each with a lead, a sale and a refund that nobody has sent. */
async function addStories (ledger: TestLedger, affitor: StartedAffitor): Promise<void> {
  for (let n = 1; n <= CUSTOMERS; n++) {
    const customerKey = `customer_${n}`
    await ledger.add(
      { kind: 'lead', customerKey, transactionId: customerKey, payload: { v: 1, clickId: await affitor.click() } },
      { customerKey, transactionId: `order_${n}` },
      { kind: 'refund', customerKey, transactionId: `refund_${n}`, saleTransactionId: `order_${n}` })
  }
  await ledger.query("notify fastify_affitor, 'tracking_events'")
}

/** Calls that tell Affitor of facts. */
const told = (affitor: StartedAffitor) => affitor.calls().filter(call => call.endpoint !== 'click')

const isDelivered = async (ledger: TestLedger) => (await ledger.rows()).every(row => row.state === 'delivered')

/** Whether Affitor holds each story once, and was told it in order. */
function checkStories (t: Test, affitor: StartedAffitor): void {
  const { leads, sales, refunds } = affitor.sandbox.affitorState
  const numbers = Array.from({ length: CUSTOMERS }, (_, n) => n + 1)
  t.same(leads.map(lead => lead.customerKey).sort(), numbers.map(n => `customer_${n}`), 'each lead once')
  t.same(sales.map(sale => sale.transactionId).sort(), numbers.map(n => `order_${n}`), 'each sale once')
  t.same(refunds.map(refund => refund.transactionId).sort(), numbers.map(n => `order_${n}`), 'each refund once')
  t.same(checkOrder(affitor.calls()), [], 'in order')
}

interface Busy {
  /** How many of the calls run at once. */
  calls?: number
  variables?: Record<string, string>
}

/** A worker process that waits for Affitor's answers to the leads, and has a Stripe event in hand. */
async function startBusyWorker (t: Test, { calls = CUSTOMERS, variables = {} }: Busy = {}) {
  const { connectionString: databaseUrl } = await createTestDatabase(t)
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t, databaseUrl)
  const start = () => startProcess(t, {
    entry: 'worker', databaseUrl, affitor, variables: { STRIPE_SECRET_KEY: 'sk_live_nobody_answers', DELIVERY_CONCURRENCY: String(calls), DELIVERY_TIMEOUT_MS: '60000', ...variables }
  })
  const worker = start()
  await worker.running
  await eventually('it has signed on', async () => (await ledger.query('select from workers')).length === 1)
  affitor.behave(HANGS)
  await addStories(ledger, affitor)
  await eventually('the calls run', () => affitor.calls('lead').length === calls)
  await eventually('all leads are in hand', async () => (await ledger.query('select from tracking_events where leased_by is not null')).length === CUSTOMERS)
  const { id, type, created, ...rest } = stripeEvent()
  await ledger.query(`
    insert into stripe_events (id, type, livemode, created, payload, attempts, leased_until, leased_by)
    select $1, $2, true, to_timestamp($3), $4, 1, now() + interval '60 seconds', owner from workers`,
  [id, type, created, JSON.stringify({ id, type, created, ...rest })])
  const isDone = async () => await isDelivered(ledger) && (await ledger.query("select from stripe_events where state <> 'received'")).length === 1
  return { affitor, ledger, worker, start, isDone }
}

t.test('what a killed worker had in hand is delivered within five seconds by another, once and in order', async t => {
  const { affitor, ledger, worker, start, isDone } = await startBusyWorker(t)
  await start().running
  await eventually('the other has signed on', async () => (await ledger.query('select from workers')).length === 2)
  t.equal(told(affitor).length, CUSTOMERS, 'it takes nothing from one that lives')
  affitor.behave({})
  await worker.end('SIGKILL')
  const killed = performance.now()
  await eventually('everything is delivered', isDone, SECONDS)
  t.comment(`delivered ${Math.round(performance.now() - killed)} ms after the kill`)
  checkStories(t, affitor)
  t.same((await ledger.rows()).map(row => row.attempts), Array.from({ length: CUSTOMERS }, () => [2, 1, 1]).flat(), 'the calls of the dead are counted')
})

t.test('what a killed worker had in hand is delivered within five seconds of its restart', async t => {
  const { affitor, ledger, worker, start, isDone } = await startBusyWorker(t)
  affitor.behave({})
  await worker.end('SIGKILL')
  await start().running
  await eventually('everything is delivered', isDone, SECONDS)
  checkStories(t, affitor)
  t.equal((await ledger.query('select from workers')).length, 1, 'the dead one is forgotten')
})

t.test('a stopped process keeps its leases until their end, and then sends nothing and settles nothing that another settled', async t => {
  // Leases of 36 seconds; of the three leads two are being sent, and one waits for its turn.
  const { affitor, ledger, worker } = await startBusyWorker(t, { calls: 2, variables: { DELIVERY_TIMEOUT_MS: '3000' } })
  process.kill(worker.pid, 'SIGSTOP')
  affitor.behave({})
  makeWorkers(t, ledger, { affitor }).start()
  await delay(30_000)
  t.equal(told(affitor).length, 2, 'nobody takes what it has in hand')
  await eventually('another delivers everything', () => isDelivered(ledger), 15)
  const calls = told(affitor).length
  const before = await ledger.query('select * from tracking_events order by id')
  process.kill(worker.pid, 'SIGCONT')
  await eventually('it goes on', () => worker.output().includes('ran out before its answer came'))
  await delay(1_000)
  t.equal(told(affitor).length, calls)
  t.same(await ledger.query('select * from tracking_events order by id'), before)
  t.equal((await ledger.query('select from delivery_attempts')).length, 3 * CUSTOMERS)
  checkStories(t, affitor)
})

t.test('a worker that is cut off from the database is taken for dead, and order holds when it comes back', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  const proxy = await startDatabaseProxy(t, ledger.connectionString)
  const far = await openLedger(t, proxy.connectionString)
  far.pool.on('error', () => {})
  makeWorkers(t, far, { affitor, delivery: { concurrency: 2 } }).start()
  await eventually('it has signed on', async () => (await ledger.query('select from workers')).length === 1)
  affitor.behave({ ...HANGS, latencyMs: 9_000, times: 2 })
  await addStories(ledger, affitor)
  await eventually('the calls run', () => affitor.calls('lead').length === 2)
  await eventually('all leads are in hand', async () => (await ledger.query('select from tracking_events where leased_by is not null')).length === CUSTOMERS)
  await proxy.cut()
  makeWorkers(t, ledger, { affitor }).start()
  await eventually('another delivers everything', () => isDelivered(ledger))
  await proxy.restore()
  await eventually('it is back', async () => (await ledger.query('select from workers')).length === 2)
  await eventually('the answers to its calls have come', () => affitor.calls('lead').filter(call => call.status !== null).length === 2 + CUSTOMERS)
  await delay(500)
  t.equal(told(affitor).length, 2 + 3 * CUSTOMERS, 'what it had not begun, it has not sent')
  t.equal((await ledger.query('select from delivery_attempts')).length, 3 * CUSTOMERS)
  checkStories(t, affitor)
})
