import t from 'tap'
import type { Test } from 'tap'
import pg from 'pg'
import { databaseChecks, nodeFinding } from '../../src/checks/database.js'
import { pauseDelivery } from '../../src/ledger/pauses.js'
import { startAffitor } from '../helpers/affitor.js'
import { fails, findings, passes, skips } from '../helpers/checks.js'
import { emptyDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { makeWorkers } from '../helpers/workers.js'

const check = async (pool: pg.Pool | undefined) => await findings(databaseChecks({ pool, direct: false }))

function poolOn (t: Test, connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 2 })
  t.teardown(() => pool.end())
  return pool
}

const START = 'Start a process with workers: WORKERS=true (option workers), or `npm run worker` beside the service.'

t.test('a ledger whose workers run is right', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  makeWorkers(t, ledger, { affitor }).start()
  await eventually('it has signed on', async () => (await ledger.query('select from workers')).length === 1)
  const found = await check(ledger.pool)
  t.match(found, {
    node: passes(`Node ${process.versions.node}.`),
    postgres: { status: 'pass', message: /^PostgreSQL \d+/ },
    schema: passes('The schema affitor is up to date.'),
    workers: passes('1 process runs the workers.'),
    delivery: passes('Delivery to Affitor is not paused.'),
    'nothing-stuck': passes('Nothing needs attention, and nothing waits for longer than an hour.')
  })
})

t.test('an old Node is told which is needed', async t => {
  t.same(nodeFinding('20.18.3'), { status: 'fail', message: 'Node 20.18.3 is older than 20.19.', fix: 'Install Node 20.19 or later: the newest LTS is best.' })
  t.match([nodeFinding('20.19.0'), nodeFinding('22.0.0'), nodeFinding('26.1.0')], [{ status: 'pass' }, { status: 'pass' }, { status: 'pass' }])
})

t.test('a database that is not named, or away, fails once, and what depends on it is not checked', async t => {
  t.match(await check(undefined), {
    postgres: fails('No database is named.', 'Set DATABASE_URL to your PostgreSQL: postgres://USER:PASSWORD@HOST/NAME.'),
    schema: skips('No database is named.'),
    workers: skips('No database is named.')
  })
  t.match(await check(poolOn(t, 'postgres://127.0.0.1:9/nowhere')), {
    postgres: fails('The database cannot be used: nothing listens there.', 'See that DATABASE_URL leads to a PostgreSQL that this machine reaches, and run this again.'),
    schema: skips('The database cannot be asked.'),
    'nothing-stuck': skips('The database cannot be asked.')
  })
})

t.test('a schema that is not there is told how to be made', async t => {
  t.match(await check(poolOn(t, await emptyDatabase(t))), {
    postgres: { status: 'pass' },
    schema: { status: 'fail', message: /^The schema affitor is behind: 0001_ledger\.sql(, \S+)* (is|are) not applied\.$/, fix: 'Run `npx fastify-affitor migrate`, or start the app with migrate: true.' },
    workers: skips('The schema is not up to date.')
  })
})

t.test('a database that nobody works on is told to have workers started, whether anything is due or not', async t => {
  const ledger = await openLedger(t)
  t.match((await check(ledger.pool)).workers, fails('No process runs the workers. What comes is stored, and nothing is sent to Affitor.', START))
  await ledger.add({})
  await ledger.query("update tracking_events set next_attempt_at = now() - interval '10 minutes'")
  t.match((await check(ledger.pool)).workers, fails('No process runs the workers: something is due since 10 min, and nobody takes it.', START))
  await ledger.claim('a worker that has no lock')
  t.match((await check(ledger.pool)).workers, passes('The workers did something 0 s ago.'))
})

t.test('what waits because delivery is paused is not due', async t => {
  const ledger = await openLedger(t)
  await ledger.add({})
  await ledger.query("update tracking_events set next_attempt_at = now() - interval '10 minutes'")
  await pauseDelivery(ledger.db, 'Affitor answered 401: Invalid API key', false)
  const found = await check(ledger.pool)
  t.equal(found.workers?.message, 'No process runs the workers. What comes is stored, and nothing is sent to Affitor.')
  t.match(found.delivery, {
    status: 'fail',
    message: /^Delivery to Affitor is paused: Affitor answered 401: Invalid API key\. It is tried again at \S+Z; nothing is lost meanwhile\.$/,
    fix: 'Set AFFITOR_API_KEY to the tracking key that Affitor shows for the program (aff_...), and restart.'
  })
})

t.test('what needs attention and what is late is told by reason', async t => {
  const ledger = await openLedger(t)
  await ledger.add({}, {}, {}, {})
  await ledger.query("update tracking_events set state = 'needs_attention', reason = 'refused', next_attempt_at = null, attention_since = now() where id < (select max(id) from tracking_events) - 1")
  await ledger.query("update tracking_events set state = 'needs_attention', reason = 'retries_exhausted', next_attempt_at = null, attention_since = now() where id = (select max(id) from tracking_events) - 1")
  await ledger.query("update tracking_events set created_at = now() - interval '3 hours' where state = 'pending'")
  t.match((await check(ledger.pool))['nothing-stuck'], fails('Needs attention: 2 facts (refused), 1 fact (retries_exhausted), a fact that waits since 3 h.',
    'Open the operator page: it says for each reason what to do. docs/reasons.md has them all.'))
})
