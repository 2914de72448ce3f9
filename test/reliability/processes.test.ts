import t from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { withClient } from '../helpers/postgres-server.js'
import { startProcess } from '../helpers/processes.js'
import { listeners, makeWorkers } from '../helpers/workers.js'

// Real processes, several at once, on a machine that may be busy.
t.setTimeout(180_000)

const signUp = async (url: string, email: string, click?: string) => await fetch(`${url}/api/signup`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email, password: 'correct horse battery', ...(click === undefined ? {} : { affitorClickId: click }) })
})

t.test('an API and workers as processes of their own, started at once on an empty database', async t => {
  const { connectionString: databaseUrl } = await createTestDatabase(t)
  await withClient(databaseUrl, client => client.query('drop schema affitor, affitor_service cascade'))
  const affitor = await startAffitor(t)
  const api = [1, 2].map(() => startProcess(t, { entry: 'server', databaseUrl, affitor, variables: { WORKERS: 'false' } }))
  const workers = [1, 2].map(() => startProcess(t, { entry: 'worker', databaseUrl, affitor, variables: { AFFITOR_TEST_MODE: 'true', DELIVERY_CONCURRENCY: '2' } }))
  await Promise.all([...api, ...workers].map(each => each.running))
  const ledger = await openLedger(t, databaseUrl)
  await eventually('the workers listen', async () => (await listeners(ledger)).length === 2)

  await t.test('what the API accepts, a worker delivers', async t => {
    t.equal((await signUp(api[0]?.url() ?? '', 'ada@example.com')).status, 201)
    await eventually('the lead is delivered', async () => (await ledger.rows())[0]?.state === 'delivered')
    t.match(affitor.calls('lead'), [{ status: 200, body: { email: 'ada@example.com' } }])
  })

  await t.test('SIGTERM: the requests that run are answered, and the exit code is 0', async t => {
    // Requests that have come as far as the database, and wait there.
    const answers = await withClient(databaseUrl, async blocker => {
      await blocker.query('begin; lock table users in exclusive mode')
      const requests = [1, 2, 3, 4].map(n => signUp(api[0]?.url() ?? '', `bob${n}@example.com`))
      await eventually('the requests run', async () => {
        const waiting = await ledger.query("select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")
        return waiting.length === 4
      })
      const ended = api[0]?.end('SIGTERM')
      await eventually('the stop has begun', () => api[0]?.output().includes('Stopping') === true)
      await blocker.query('rollback')
      t.equal(await ended, 0)
      return await Promise.all(requests)
    })
    t.same(answers.map(answer => answer.status), [201, 201, 201, 201])
    t.equal((await signUp(api[1]?.url() ?? '', 'eve@example.com')).status, 201, 'the other process serves on')
  })

  await t.test('SIGTERM of workers under load: running calls are stored, no lease is left, exit code 0', async t => {
    await eventually('the leads are delivered', async () => (await ledger.rows()).every(row => row.state === 'delivered'))
    const before = affitor.calls().length
    affitor.behave({ latencyMs: 400 })
    await ledger.add(...Array.from({ length: 60 }, () => ({ kind: 'lead' as const })))
    await ledger.query("notify fastify_affitor, 'tracking_events'")
    await eventually('both call', () => affitor.calls().length >= before + 4)
    t.same(await Promise.all(workers.map(worker => worker.end('SIGTERM'))), [0, 0])

    const rows = await ledger.rows()
    t.same(new Set(rows.map(row => `${row.state} ${row.attempts} ${row.leased_by}`)), new Set(['delivered 1 null', 'pending 0 null']))
    t.equal(rows.filter(row => row.state === 'delivered').length, affitor.calls().length)
  })

  t.equal(await api[1]?.end('SIGTERM'), 0)
})

t.test('a worker killed between Affitor\'s answer and its own commit: the next one delivers, once', async t => {
  const { connectionString: databaseUrl } = await createTestDatabase(t)
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t, databaseUrl)
  const worker = startProcess(t, { entry: 'worker', databaseUrl, affitor, variables: { AFFITOR_TEST_MODE: 'true' } })
  await worker.running
  affitor.behave({ latencyMs: 500 })
  const [id = 0] = await ledger.add({ transactionId: 'cs_1' })
  await ledger.query("notify fastify_affitor, 'tracking_events'")
  await eventually('the call runs', () => affitor.calls('sale').length === 1)

  await withClient(databaseUrl, async blocker => {
    await blocker.query('begin')
    await blocker.query('select from tracking_events where id = $1 for update', [id])
    const commits = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    await eventually('it wants to store the answer', async () => (await ledger.query(`select 1 ${commits}`)).length === 1)
    t.equal(await worker.end('SIGKILL'), 'SIGKILL')
    // The server notices the death of a client only when it has something to tell it.
    await ledger.query(`select pg_terminate_backend(pid, 5000) ${commits}`)
    await blocker.query('rollback')
  })
  t.match(affitor.calls('sale'), [{ status: 200, recorded: true }])
  t.match(await ledger.row(id), { state: 'pending', attempts: 1, leased_by: String })

  affitor.behave({})
  makeWorkers(t, ledger, { affitor, testMode: true }).start()
  await eventually('the next one delivers', async () => (await ledger.row(id)).state === 'delivered', 5)
  t.match(await ledger.row(id), { state: 'delivered', reason: 'recorded_earlier', attempts: 2, last_status: 409, leased_by: null })
})

t.test('a start without a database ends with a sentence', async t => {
  const affitor = { url: 'http://127.0.0.1:9', apiKey: 'key', programId: '42' }
  const databaseUrl = 'postgres://shop:a-secret-password@127.0.0.1:1/shop'
  await Promise.all((['server', 'worker'] as const).map(async entry => {
    const started = startProcess(t, { entry, databaseUrl, affitor })
    started.running.catch(() => {})
    t.equal(await started.ended, 1)
    t.equal(started.output().trim(), 'The database shop at 127.0.0.1:1 cannot be used: nothing listens there. Check DATABASE_URL.')
  }))
})
