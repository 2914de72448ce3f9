import pino from 'pino'
import t from 'tap'
import { pruneNowAndThen } from '../../src/workers/prune.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'

const log = pino({ level: 'silent' })
const count = async (ledger: Awaited<ReturnType<typeof openLedger>>) => (await ledger.query('select 1 from checkout_sessions')).length
const fill = `
  insert into checkout_sessions (id, customer_key, price_id, mode, quantity, created_at)
  select 'cs_' || n, 'ada', 'price_1', 'payment', 1, now() - interval '400 days' from generate_series(1, 2500) n`

t.test('now and then everything that is old is deleted, in as many batches as it takes', async t => {
  const ledger = await openLedger(t)
  await ledger.query(fill)
  await ledger.query("insert into checkout_sessions (id, customer_key, price_id, mode, quantity) values ('cs_new', 'ada', 'price_1', 'payment', 1)")
  const pruning = pruneNowAndThen({ db: ledger.db, retentionDays: 365, log, everyMs: 10 })
  pruning.start()
  await eventually('the old ones are gone', async () => await count(ledger) === 1)
  await pruning.stop()
})

t.test('with 0 days nothing is ever deleted, and a stop does not wait for the next round', async t => {
  const ledger = await openLedger(t)
  await ledger.query(fill)
  const never = pruneNowAndThen({ db: ledger.db, retentionDays: 0, log, everyMs: 1 })
  never.start()
  await new Promise(resolve => setTimeout(resolve, 50))
  await never.stop()
  t.equal(await count(ledger), 2500)
  const hourly = pruneNowAndThen({ db: ledger.db, retentionDays: 365, log })
  hourly.start()
  const started = performance.now()
  await hourly.stop()
  t.ok(performance.now() - started < 1_000)
})
