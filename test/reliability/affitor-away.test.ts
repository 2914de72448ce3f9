import t from 'tap'
import type { Test } from 'tap'
import { retryTrackingEvent } from '../../src/ledger/tracking-events.js'
import { startAffitor } from '../helpers/affitor.js'
import { injectClock } from '../helpers/clock.js'
import { createTestDatabase } from '../helpers/database.js'
import { openLedger } from '../helpers/ledger.js'
import type { LedgerRow } from '../helpers/ledger.js'
import { startOutage } from '../helpers/outage.js'
import { makeWorkers } from '../helpers/workers.js'

t.setTimeout(120_000)

const CUSTOMERS = 8
const CONCURRENCY = 4
const HOUR = 3_600
/** The defaults of DELIVERY_RETRY_BASE_MS and DELIVERY_RETRY_CAP_MS. */
const BACKOFF = { retryBaseMs: 1_000, retryCapMs: HOUR * 1_000 }

/** Customers with a lead, a sale and a refund each, an Affitor that is away, and a clock that the test moves. */
async function startAway (t: Test, maxAgeSeconds: number) {
  const clock = await injectClock((await createTestDatabase(t)).connectionString)
  const ledger = await openLedger(t, clock.connectionString)
  const affitor = await startAffitor(t)
  const outage = await startOutage(t, affitor.url)
  const workers = makeWorkers(t, ledger, { affitor: { ...affitor, url: outage.url }, delivery: { concurrency: CONCURRENCY, maxAgeSeconds, ...BACKOFF } })
  for (let i = 0; i < CUSTOMERS; i++) {
    const customerKey = `customer_${i}`
    const payload = { v: 1, clickId: await affitor.click() }
    await ledger.add(
      { kind: 'lead', customerKey, transactionId: customerKey, payload },
      { kind: 'sale', customerKey, transactionId: `cs_${i}` },
      { kind: 'refund', customerKey, transactionId: `re_${i}`, saleTransactionId: `cs_${i}` })
  }
  outage.away = true
  /** Lives through this time, at first in small steps, as the backoff does. */
  async function pass (seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds;) {
      await workers.runUntilIdle()
      const step = Math.min(Math.max(1, passed / 8), 1_800, seconds - passed)
      await clock.advance(ledger, step)
      passed += step
    }
    await workers.runUntilIdle()
  }
  return { ledger, affitor, outage, workers, pass }
}

const statesOf = (rows: LedgerRow[]) => rows.reduce<Record<string, number>>((counts, { kind, state }) => {
  const key = `${kind} ${state}`
  return { ...counts, [key]: (counts[key] ?? 0) + 1 }
}, {})

t.test('Affitor away for almost three days, then back: bounded retries, order kept, everything delivered', async t => {
  const { ledger, affitor, outage, pass } = await startAway(t, 72 * HOUR)
  await pass(71 * HOUR)

  t.same(statesOf(await ledger.rows()), { 'lead pending': CUSTOMERS, 'sale pending': CUSTOMERS, 'refund pending': CUSTOMERS }, 'nothing is given up')
  const leads = (await ledger.rows()).filter(row => row.kind === 'lead')
  const attempts = leads.map(row => row.attempts)
  t.comment(`attempts in 71 hours: ${Math.min(...attempts)} to ${Math.max(...attempts)}; at once: ${outage.connections.most}`)
  // With full jitter the mean delay is half of the cap: about 2 an hour, and a dozen on the way to it.
  t.ok(Math.max(...attempts) < 71 * 4, 'retries are bounded')
  t.ok(Math.min(...attempts) > 71, 'and do not stop')
  t.ok(outage.connections.most <= CONCURRENCY, 'no more calls at once than configured')
  t.equal(outage.connections.count, attempts.reduce((sum, one) => sum + one, 0), 'one connection an attempt, of the first fact of each customer only')
  const due = leads.map(row => row.next_attempt_at?.getTime() ?? 0)
  t.ok(new Set(due.map(time => Math.round(time / 1000))).size > CUSTOMERS / 2, 'customers come back at different times')
  t.ok(Math.max(...due) - Math.min(...due) > 5 * 60_000, 'spread over minutes')

  outage.away = false
  await pass(2 * HOUR)
  t.same(statesOf(await ledger.rows()), { 'lead delivered': CUSTOMERS, 'sale delivered': CUSTOMERS, 'refund delivered': CUSTOMERS })
  for (let i = 0; i < CUSTOMERS; i++) {
    const calls = affitor.calls().filter(({ body }) => {
      const { customer_key: customerKey, transaction_id: transactionId } = body as Record<string, unknown>
      return customerKey === `customer_${i}` || transactionId === `cs_${i}`
    })
    t.same(calls.map(call => call.endpoint), ['lead', 'sale', 'refund'], `customer ${i}: each once, in order`)
  }
})

t.test('Affitor away for longer than the maximum age: a person must look, and a retry delivers', async t => {
  const { ledger, affitor, outage, workers, pass } = await startAway(t, 4 * HOUR)
  await pass(5 * HOUR)
  const givenUp = (await ledger.rows()).filter(row => row.state === 'needs_attention')
  t.same(statesOf(givenUp), { 'lead needs_attention': CUSTOMERS })
  t.match(givenUp, givenUp.map(() => ({ reason: 'retries_exhausted', last_status: 0, next_attempt_at: null })))
  t.equal((await ledger.rows()).filter(row => row.kind === 'sale' && row.state === 'pending').length, CUSTOMERS, 'the sales have their own time')

  outage.away = false
  for (const { id } of givenUp) t.equal((await retryTrackingEvent(ledger.db, id))?.retried, true)
  await workers.runUntilIdle()
  await pass(2 * HOUR)
  t.same(statesOf(await ledger.rows()), { 'lead delivered': CUSTOMERS, 'sale delivered': CUSTOMERS, 'refund delivered': CUSTOMERS })
  t.equal(affitor.sandbox.affitorState.sales.length, CUSTOMERS)
})
