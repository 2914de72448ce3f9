import { readdir, readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { startAffitor } from '../helpers/affitor.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { startProcess } from '../helpers/processes.js'

t.setTimeout(120_000)

let users = 0

/** A signup over one of the agent's connections: its status, or how the connection failed. */
async function signUp (url: string, agent: Agent): Promise<{ email: string, outcome: number | string }> {
  const email = `deploy${++users}@example.com`
  const body = JSON.stringify({ email, password: 'correct horse battery' })
  return await new Promise(resolve => {
    const outgoing = request(`${url}/api/signup`, {
      method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    }, answer => {
      answer.resume().on('close', () => { resolve({ email, outcome: answer.complete ? answer.statusCode ?? 0 : 'cut short' }) })
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => { resolve({ email, outcome: error.code ?? error.message }) })
    outgoing.end(body)
  })
}

for (const [title, keepAlive] of [['kept-alive connections', true], ['new connections', false]] as const) {
  t.test(`SIGTERM under load over ${title}: what was taken is answered, and nothing is cut off`, async t => {
    const { connectionString: databaseUrl } = await createTestDatabase(t)
    const affitor = await startAffitor(t)
    const ledger = await openLedger(t, databaseUrl)
    const server = startProcess(t, { entry: 'server', databaseUrl, affitor, variables: { AFFITOR_TEST_MODE: 'true', SHUTDOWN_DELAY_MS: '1500' } })
    await server.running
    const agent = new Agent({ keepAlive, maxSockets: 8 })
    t.teardown(() => { agent.destroy() })

    // As a load balancer does: it looks often, and sends nothing more to a process that is not ready.
    const balancer = { sends: true }
    const results: Array<{ email: string, outcome: number | string }> = []
    const senders = Array.from({ length: 8 }, async () => {
      while (balancer.sends) results.push(await signUp(server.url(), agent))
    })
    await eventually('the load runs', () => results.length > 30, 30)
    const ended = server.end('SIGTERM')
    await eventually('the process says that it is not ready', async () => {
      const { status } = await fetch(`${server.url()}/health/ready`)
      return status === 503
    })
    balancer.sends = false
    await Promise.all(senders)
    t.equal(await ended, 0, 'exit code 0')

    const counts = results.reduce<Record<string, number>>((all, { outcome }) => ({ ...all, [outcome]: (all[outcome] ?? 0) + 1 }), {})
    t.comment(`outcomes: ${JSON.stringify(counts)}`)
    t.same(Object.keys(counts), ['201'], 'every request was served')
    const stored = new Set((await ledger.query('select email from users')).map(row => row.email))
    t.same(results.filter(({ email }) => !stored.has(email)), [], 'every 201 is stored')
    t.same(await ledger.query('select id from tracking_events where leased_by is not null'), [], 'leases are returned')
  })
}

/** How often a load balancer looks whether a process is ready, in milliseconds. */
const LOOK_MS = 1_000

t.test('a rolling restart under kept-alive load resets no connection, with what production waits', async t => {
  const { connectionString: databaseUrl } = await createTestDatabase(t)
  const affitor = await startAffitor(t)
  const start = (port: number) => startProcess(t, {
    entry: 'server',
    databaseUrl,
    affitor,
    variables: {
      NODE_ENV: 'production',
      PORT: String(port),
      STRIPE_SECRET_KEY: 'sk_live_nobody_answers',
      PUBLIC_URL: 'https://shop.example.com',
      CHECKOUT_SUCCESS_URL: 'https://shop.example.com/thanks',
      CHECKOUT_CANCEL_URL: 'https://shop.example.com/cart'
    }
  })
  const ports = await freePorts(2)
  const processes = ports.map(start)
  for (const each of processes) await each.running
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => { agent.destroy() })

  const isOver = new AbortController()
  t.teardown(() => { isOver.abort() })
  const isReady = async (port: number) => await fetch(`http://127.0.0.1:${port}/health/ready`).then(({ ok }) => ok, () => false)
  let ready = ports
  const balancing = (async () => {
    for (; !isOver.signal.aborted; await delay(LOOK_MS)) {
      const answers = await Promise.all(ports.map(isReady))
      ready = ports.filter((_, index) => answers[index])
    }
  })()
  let answered = 0
  const failures: string[] = []
  const callers = Array.from({ length: 32 }, async (_, caller) => {
    for (let n = caller; !isOver.signal.aborted; n++) {
      const port = ready[n % ready.length] ?? 0
      const outcome = await new Promise<string>(resolve => {
        const outgoing = request({ port, path: '/health/live', agent }, answer => {
          answer.resume().on('close', () => { resolve(answer.complete ? String(answer.statusCode) : 'cut short') })
        })
        outgoing.on('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message) })
        outgoing.end()
      })
      if (outcome === '200') answered++
      else failures.push(outcome)
      await delay(Math.random() * 50)
    }
  })
  await eventually('the load runs', () => answered > 200)
  for (const [index, port] of ports.entries()) {
    t.equal(await processes[index]?.end('SIGTERM'), 0)
    await start(port).running
    await eventually('it gets requests again', () => ready.length === 2)
  }
  isOver.abort()
  await Promise.all([balancing, ...callers])
  t.comment(`${answered} answered`)
  t.same(failures, [])
})

t.test('a program runs on the tables of the next version, while both are up', async t => {
  const { connectionString: databaseUrl } = await createTestDatabase(t)
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t, databaseUrl)
  const tables = (await ledger.query("select schemaname || '.' || tablename as name from pg_tables where schemaname in ('affitor', 'affitor_service')")).map(row => row.name as string)
  // What a migration may do: more columns, tables and indexes.
  for (const table of tables) await ledger.query(`alter table ${table} add column added_later text, add column counted_later integer not null default 0`)
  await ledger.query('create table affitor.added_later (id text primary key)')
  await ledger.query("insert into affitor.migrations (name, checksum) values ('9999_of_the_next_version.sql', '')")

  const server = startProcess(t, { entry: 'server', databaseUrl, affitor, variables: { AFFITOR_TEST_MODE: 'true' } })
  await server.running
  const agent = new Agent()
  t.equal((await signUp(server.url(), agent)).outcome, 201)
  await eventually('the lead is delivered', async () => (await ledger.rows())[0]?.state === 'delivered')
  t.equal(await server.end('SIGTERM'), 0)
})

t.test('migrations only expand: the version before goes on working on the tables of the one after', async t => {
  const shrinks = /\b(drop|rename|truncate|delete\s+from|set\s+not\s+null|set\s+data\s+type|alter\s+column\s+\S+\s+type)\b/i
  for (const folder of ['migrations/affitor', 'migrations/service']) {
    const files = (await readdir(folder)).sort()
    t.ok(files.length > 0)
    // The first one makes the tables; those that follow meet running programs.
    for (const file of files.slice(1)) {
      for (const statement of (await readFile(`${folder}/${file}`, 'utf8')).split(/;\s*$/m)) {
        t.notMatch(statement, shrinks, `${file}: ${statement.trim().split('\n')[0]}`)
        if (/alter table .* add column/is.test(statement)) t.ok(!/not null/i.test(statement) || /default/i.test(statement), `${file}: a new column that must not be null has a default`)
      }
    }
  }
})
