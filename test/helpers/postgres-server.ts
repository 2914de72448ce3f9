import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '../../sandbox/postgres/index.js'
import { processExists } from '../../sandbox/postgres/pid-file.js'
import { inDatabase, withClient } from '../../tools/harness/databases.js'
import { makeTables } from '../../tools/harness/tables.js'

export { inDatabase, withClient } from '../../tools/harness/databases.js'

/** The database server of one test run: of one `tap` process, or of one test file run alone. */
export interface TestServer {
  /** As a user that may create databases. */
  adminConnectionString: string
  /** As the user that the application would be. */
  connectionString: string
  /** The migrated, empty database to clone. Nobody can connect to it. */
  template: string
}

const self = fileURLToPath(import.meta.url)
const project = join(dirname(self), '..', '..')
const servers = join(project, '.tap', 'postgres')
const minute = 60_000

const directoryOf = (run: number): string => join(servers, String(run))
const stateOf = (run: number): string => join(directoryOf(run), 'server.json')
const processOf = (run: number): string => join(directoryOf(run), 'process')

/** With KEEP_TEST_DATABASES=1 the server stays for a while when a failed test left its database. */
export const keepsDatabases = process.env.KEEP_TEST_DATABASES === '1'

/** The server of a run, if that run has one. */
export async function findTestServer (run: number): Promise<TestServer | undefined> {
  const text = await readFile(stateOf(run), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

/**
 * Starts the server of a run in a process of its own, which ends by itself with the run.
 *
 * @param run the process id of the run
 * @throws with the server's own words when it does not start
 */
export async function startTestServer (run: number): Promise<TestServer> {
  await sweep()
  await rm(directoryOf(run), { recursive: true, force: true })
  await mkdir(directoryOf(run), { recursive: true })
  const logFile = join(directoryOf(run), 'server.log')
  const log = await open(logFile, 'w')
  const child = spawn(process.execPath, ['--import=tsx', self, String(run)], {
    cwd: project, detached: true, stdio: ['ignore', log.fd, log.fd], env: withoutTap(process.env)
  })
  await log.close()
  child.unref()
  for (const end = performance.now() + minute; performance.now() < end && child.exitCode === null && child.signalCode === null; await delay(20)) {
    const server = await findTestServer(run)
    if (server !== undefined) return server
  }
  const words = await readFile(logFile, 'utf8').catch(() => '')
  await rm(directoryOf(run), { recursive: true, force: true })
  throw new Error(`The test database server did not start: ${words}`)
}

/** Asks the server of a run to end, and waits for it. */
export async function stopTestServer (run: number): Promise<void> {
  await rm(stateOf(run), { force: true })
  if (keepsDatabases) return
  for (const end = performance.now() + minute; existsSync(directoryOf(run)) && performance.now() < end;) await delay(20)
}

/** What servers left behind that were killed. That of a live process stays. */
async function sweep (): Promise<void> {
  for (const name of await readdir(servers).catch(() => [])) {
    const directory = join(servers, name)
    if (processExists(Number(name))) continue
    const owner = Number(await readFile(processOf(Number(name)), 'utf8').catch(() => ''))
    if (owner !== 0 && processExists(owner)) continue
    try {
      if (existsSync(join(directory, 'data'))) await (await startEmbeddedPostgres({ dataDir: join(directory, 'data') })).stop()
      await rm(directory, { recursive: true, force: true })
    } catch {}
  }
}

// tap's loaders record which files a test process loads; this is none.
function withoutTap (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(_TAPJS|TAP)/.test(name)))
}

/** The life of the server process: until its state file is removed, its run is gone, or it is told to end. */
async function serve (run: number): Promise<void> {
  const told = new AbortController()
  const { signal: end } = told
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(name, () => told.abort())

  await writeFile(processOf(run), String(process.pid))
  const external = process.env.TEST_DATABASE_URL
  const embedded = external === undefined || external === ''
    ? await startEmbeddedPostgres({
      dataDir: join(directoryOf(run), 'data'),
      log: console.log,
      // Nothing here is worth a disk's time.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
    })
    : undefined
  const adminConnectionString = embedded?.adminConnectionString ?? external ?? ''
  const connectionString = embedded?.connectionString ?? adminConnectionString
  const template = embedded === undefined ? `affitor_template_${run}` : 'affitor_template'
  try {
    await createTemplate({ adminConnectionString, connectionString, template })
    const draft = stateOf(run) + '.draft'
    await writeFile(draft, JSON.stringify({ adminConnectionString, connectionString, template }), { mode: 0o600 })
    await rename(draft, stateOf(run))

    while (!end.aborted && processExists(run) && existsSync(stateOf(run))) await delay(100)
    if (keepsDatabases && embedded !== undefined) {
      for (let idle = 0; !end.aborted && idle < 15 && await hasKept(adminConnectionString); idle++) {
        if (await isUsed(adminConnectionString)) idle = 0
        await delay(minute, undefined, { signal: end }).catch(() => {})
      }
    }
  } finally {
    if (embedded === undefined) await withClient(adminConnectionString, client => client.query(`drop database if exists ${template} with (force)`))
    await embedded?.stop()
    await rm(directoryOf(run), { recursive: true, force: true })
  }
}

async function createTemplate ({ adminConnectionString, connectionString, template }: TestServer): Promise<void> {
  await withClient(adminConnectionString, async client => {
    await client.query(`drop database if exists ${template} with (force)`)
    await client.query(`create database ${template} owner ${client.escapeIdentifier(new URL(connectionString).username)}`)
    await makeTables(inDatabase(connectionString, template))
    await client.query(`alter database ${template} allow_connections false`)
  })
}

async function hasKept (admin: string): Promise<boolean> {
  return await withClient(admin, async client =>
    (await client.query("select 1 from pg_database where datname like 'affitor\\_test\\_%'")).rowCount !== 0)
}

async function isUsed (admin: string): Promise<boolean> {
  return await withClient(admin, async client =>
    (await client.query("select 1 from pg_stat_activity where datname like 'affitor\\_test\\_%'")).rowCount !== 0)
}

if (process.argv[1] === self) await serve(Number(process.argv[2]))
