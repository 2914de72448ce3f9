import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { startProcess } from '../helpers/processes.js'
import { listeners } from '../helpers/workers.js'

t.setTimeout(120_000)

const skewedClock = pathToFileURL(join(import.meta.dirname, '..', 'fixtures', 'skewed-clock.mjs')).href
const MINUTES = 60_000
const CUSTOMERS = 6

t.test('workers whose clocks are twenty minutes apart: leases hold, backoff keeps to its bounds, each fact is sent once', async t => {
  const { connectionString: databaseUrl } = await createTestDatabase(t)
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t, databaseUrl)
  const workers = [10 * MINUTES, -10 * MINUTES].map(skewMs => startProcess(t, {
    entry: 'worker',
    databaseUrl,
    affitor,
    variables: {
      NODE_OPTIONS: `--import=${skewedClock}`,
      CLOCK_SKEW_MS: String(skewMs),
      AFFITOR_TEST_MODE: 'true',
      DELIVERY_CONCURRENCY: '2',
      DELIVERY_RETRY_BASE_MS: '2000',
      DELIVERY_RETRY_CAP_MS: '2000'
    }
  }))
  await Promise.all(workers.map(worker => worker.running))
  await eventually('the workers listen', async () => (await listeners(ledger)).length === 2)
  const logged = workers.map(worker => Number(/"time":(\d+)/.exec(worker.output())?.[1]))
  t.ok(Math.abs((logged[0] ?? 0) - (logged[1] ?? 0)) > 19 * MINUTES, 'their clocks are apart')

  // So slow that the other worker looks for work many times during each call.
  affitor.behave({ latencyMs: 1_500, failStatus: 503, times: CUSTOMERS })
  for (let i = 0; i < CUSTOMERS; i++) {
    const customerKey = `customer_${i}`
    await ledger.add(
      { kind: 'lead', customerKey, transactionId: customerKey },
      { kind: 'sale', customerKey, transactionId: `cs_${i}` })
  }
  await ledger.query("notify fastify_affitor, 'tracking_events'")

  await eventually('the first calls have failed', async () => (await ledger.query('select 1 from delivery_attempts')).length >= CUSTOMERS, 30)
  const waits = await ledger.query(`
    select extract(epoch from next_attempt_at - now())::float8 as seconds from tracking_events
    where state = 'pending' and attempts > 0 and leased_by is null`)
  t.ok(waits.every(({ seconds }) => Number(seconds) <= 2), `the backoff ends within its cap: ${waits.map(({ seconds }) => seconds).join(', ')}`)

  affitor.behave({ latencyMs: 300 })
  await eventually('everything is delivered', async () => (await ledger.rows()).every(row => row.state === 'delivered'), 30)
  const recorded = affitor.calls().filter(call => call.status === 200)
  t.equal(recorded.length, CUSTOMERS * 2, 'each fact is recorded once')
  t.equal(affitor.calls().length, (await ledger.rows()).reduce((sum, row) => sum + row.attempts, 0), 'no call was made behind the ledger\'s back')
  const who = await ledger.query('select count(*)::int as count from tracking_events where leased_by is not null or leased_until is not null')
  t.same(who, [{ count: 0 }], 'no lease is left')
  for (const worker of workers) t.notMatch(worker.output(), /lease .* ran out/)
})
