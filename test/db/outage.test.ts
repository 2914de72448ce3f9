import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../helpers/eventually.js'
import { startAffitor } from '../helpers/affitor.js'
import { openLedger } from '../helpers/ledger.js'
import { inDatabase, withClient } from '../helpers/postgres-server.js'
import { startService } from '../helpers/service.js'
import { makeWorkers } from '../helpers/workers.js'

/** Sends the database away and brings it back, as its clients see it. */
function database (connectionString: string) {
  const name = new URL(connectionString).pathname.slice(1)
  const run = (sql: string) => withClient(inDatabase(connectionString, 'postgres'), client => client.query(sql))
  const endConnections = () => run(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  return {
    endConnections,
    async leave () {
      await run(`alter database ${name} allow_connections false`)
      await endConnections()
    },
    comeBack: () => run(`alter database ${name} allow_connections true`)
  }
}

t.test('while the database is away the service says so, and when it is back nothing is lost', async t => {
  const service = await startService(t, { variables: { WORKERS: 'true' } })
  const server = database(service.connectionString)
  const ready = async () => (await service.request('GET', '/health/ready')).status

  t.equal(await ready(), 200)
  const answers: number[] = []
  const promised: string[] = []
  const over = new AbortController()
  const shoppers = [1, 2, 3].map(async shopper => {
    for (let n = 0; !over.signal.aborted; n++) {
      const { status, body } = await service.request<{ userId: string }>('POST', '/api/signup', { email: `s${shopper}.${n}@example.com`, password: 'correct horse battery' })
      answers.push(status)
      if (status === 201) promised.push(body.userId)
      else await delay(20)
    }
  })
  const signedUp = async (count: number) => await eventually(`${count} signups more`, () => promised.length >= count)

  await signedUp(5)
  await server.endConnections()
  await signedUp(promised.length + 5)
  await server.leave()
  await eventually('it is not ready', async () => await ready() === 503)
  t.equal((await service.request('GET', '/health/live')).status, 200)
  await delay(1_000)
  await server.comeBack()
  await eventually('it is ready again', async () => await ready() === 200)
  await signedUp(promised.length + 5)
  over.abort()
  await Promise.all(shoppers)

  t.same(new Set(answers), new Set([201, 503]))
  const ledger = await openLedger(t, service.connectionString)
  await eventually('all leads are settled', async () => (await ledger.rows()).every(row => row.state === 'unattributed'))
  const leads = new Set((await ledger.rows()).map(row => row.customer_key))
  t.same(promised.filter(userId => !leads.has(userId)), [], 'every signup that was confirmed is there')
})

t.test('an answer of Affitor is kept until the database is back, and is not asked for twice', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  const server = database(ledger.connectionString)
  ledger.pool.on('error', () => {})
  const [id = 0] = await ledger.add({ kind: 'lead', payload: { v: 1, clickId: await affitor.click() } })
  affitor.behave({ latencyMs: 300 })
  makeWorkers(t, ledger, { affitor, pollMs: 50 }).start()
  await eventually('the call runs', () => affitor.calls('lead').length === 1)
  await server.leave()
  await eventually('Affitor has answered', () => affitor.calls('lead')[0]?.status === 200)
  await delay(300)
  await server.comeBack()
  await eventually('the answer is stored', async () => (await ledger.row(id).catch(() => undefined))?.state === 'delivered')
  t.match(await ledger.row(id), { state: 'delivered', reason: null, attempts: 1, leased_by: null })
  t.equal(affitor.calls('lead').length, 1)
})
