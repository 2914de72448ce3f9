import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import type { TestLedger } from '../helpers/ledger.js'
import { makeWorkers } from '../helpers/workers.js'

t.setTimeout(180_000)

/** So long that a worker whose lock is free would have been taken for dead. */
const LONG_MS = 3_500
const LOCK_HOLDERS = "from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and objsubid = 2 and datname = current_database()"

const isDelivered = async (ledger: TestLedger) => (await ledger.rows()).every(row => row.state === 'unattributed')

t.test('a worker whose lock connection is cut takes a new lock, and nobody takes what it has in hand', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  makeWorkers(t, ledger, { affitor }).start()
  await eventually('it has signed on', async () => (await ledger.query('select from workers')).length === 1)
  affitor.behave({ latencyMs: 6_000, endpoints: ['lead'] })
  await ledger.add({ kind: 'lead', customerKey: 'ada', transactionId: 'ada' }, { customerKey: 'ada' })
  await eventually('the call runs', () => affitor.calls().length === 1)
  makeWorkers(t, ledger, { affitor }).start()
  await eventually('another has signed on', async () => (await ledger.query('select from workers')).length === 2)

  const [{ owner, lock_key: key } = {}] = await ledger.query('select * from workers where owner = (select leased_by from tracking_events where leased_by is not null)')
  for (let cuts = 0; cuts < 2; cuts++) await ledger.query(`select pg_terminate_backend(pid, 5000) ${LOCK_HOLDERS} and objid = $1::int::oid`, [key])
  await eventually('it has signed on again', async () => (await ledger.query('select from workers where owner = $1 and lock_key <> $2', [owner, key])).length === 1)
  await eventually('both are settled', () => isDelivered(ledger))
  t.match(await ledger.rows(), [{ attempts: 1 }, { attempts: 1 }])
  t.same(affitor.calls().map(call => call.endpoint), ['lead', 'sale'])
})

t.test('one that gets no new session says by another connection that it lives, and keeps what it has in hand', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  const connection = { connectionString: ledger.connectionString }
  makeWorkers(t, ledger, { affitor, connection }).start()
  await eventually('it has signed on', async () => (await ledger.query('select from workers')).length === 1)
  affitor.behave({ latencyMs: 6_000 })
  await ledger.add({ kind: 'lead' })
  await eventually('the call runs', () => affitor.calls().length === 1)
  connection.connectionString = 'postgres://127.0.0.1:9/nowhere'
  await ledger.query(`select pg_terminate_backend(pid, 5000) ${LOCK_HOLDERS}`)
  makeWorkers(t, ledger, { affitor }).start()
  await delay(LONG_MS)
  t.equal(affitor.calls().length, 1)
  await eventually('it is settled', () => isDelivered(ledger))
  t.match(await ledger.rows(), [{ attempts: 1 }])
})

t.test('a worker behind a pooler, whose session is not its own, is not taken for dead', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  await ledger.add({ kind: 'lead' })
  affitor.behave({ latencyMs: 5_000 })
  // It signs on with its session, which this one never has.
  const working = makeWorkers(t, ledger, { affitor }).runUntilIdle()
  await eventually('the call runs', () => affitor.calls().length === 1)
  makeWorkers(t, ledger, { affitor }).start()
  await delay(LONG_MS)
  t.equal(affitor.calls().length, 1)
  await working
  t.match(await ledger.rows(), [{ state: 'unattributed', attempts: 1 }])
})

t.test('a worker that stops is not taken for dead while its calls finish, and leaves nothing behind', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  const workers = makeWorkers(t, ledger, { affitor })
  workers.start()
  await eventually('it has signed on', async () => (await ledger.query('select from workers')).length === 1)
  affitor.behave({ latencyMs: 5_000 })
  await ledger.add({ kind: 'lead' })
  await eventually('the call runs', () => affitor.calls().length === 1)
  makeWorkers(t, ledger, { affitor }).start()
  await workers.stop()
  t.equal(affitor.calls().length, 1)
  t.match(await ledger.rows(), [{ state: 'unattributed', attempts: 1 }])
  t.equal((await ledger.query('select from workers')).length, 1, 'the other\'s')
  t.equal((await ledger.query(`select ${LOCK_HOLDERS}`)).length, 1)
})
