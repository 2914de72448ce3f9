import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { embeddedFolder, loadWithoutDatabase, withDatabase } from '../../sandbox/with-database.js'
import { migrate } from '../../src/db/migrate.js'
import { keepConfigured } from '../../src/service/database/purpose.js'
import { ConfigError } from '../../src/service/config.js'
import { eventually } from '../helpers/eventually.js'
import { startSandbox } from '../helpers/sandbox.js'

// Several processes and a database server.
t.setTimeout(180_000)

const account = {
  STRIPE_SECRET_KEY: 'sk_test_x', STRIPE_WEBHOOK_SECRET: 'whsec_x', AFFITOR_API_KEY: 'key', AFFITOR_PROGRAM_ID: '42', SESSION_SECRET: 'a'.repeat(32), ADMIN_TOKEN: 'b'.repeat(16)
}

async function newFolder (): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fastify-affitor-test-'))
  t.teardown(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}

t.test('workers and commands beside `npm start` use its database without being told of it, and outlive it', async t => {
  const DATA_DIR = await newFolder()
  const sandbox = await startSandbox(t, { DATABASE_URL: '', DATA_DIR, WORKERS: 'false' })
  await sandbox.call(`${sandbox.url}/api/signup`, { email: 'ada@example.com', password: 'violet harbour nine' })
  const variables = { PATH: process.env.PATH, LOG_LEVEL: 'warn', PORT: new URL(sandbox.url).port, DATA_DIR }
  const found = await promisify(execFile)(process.execPath, ['--import=tsx', 'sandbox/run.ts', 'reinterpret', 'evt_1'], { env: variables })
  t.equal(found.stdout, 'No stored event matches.\n', found.stderr)

  t.match(await sandbox.ledger(), [{ kind: 'lead', state: 'pending' }], 'nobody tells Affitor of it')
  const worker = spawn(process.execPath, ['--import=tsx', 'sandbox/run.ts', 'worker'], { env: variables, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(worker, 'exit')
  t.teardown(() => worker.kill('SIGKILL'))
  await eventually('the worker has told Affitor of it', async () => (await sandbox.ledger())[0]?.state !== 'pending', 60)

  const server = Number((await readFile(join(DATA_DIR, 'sandbox/postgres/data/postmaster.pid'), 'utf8')).split('\n')[0])
  const isRunning = () => {
    try {
      return process.kill(server, 0)
    } catch {
      return false
    }
  }
  await sandbox.stop()
  t.ok(isRunning(), 'the database goes on for the worker')
  worker.kill('SIGTERM')
  t.same(await ended, [0, null])
  await eventually('the database ends with its last user', () => !isRunning())
})

t.test('a program that there is not is refused with the names of those that there are', async t => {
  await t.rejects(promisify(execFile)(process.execPath, ['--import=tsx', 'sandbox/run.ts', 'recover']), {
    code: 1, stderr: '\nThere is no program "recover", only worker, reconcile, reinterpret, change-program, verify.\n\n'
  })
})

t.test('a DATABASE_URL is taken as it is, and production gets no embedded server', async t => {
  const DATABASE_URL = 'postgres://127.0.0.1:1/none'
  t.equal((await withDatabase({ DATABASE_URL })).config.DATABASE_URL, DATABASE_URL)
  await t.rejects(withDatabase({ ...account, NODE_ENV: 'production' }), { name: 'ConfigError', message: /DATABASE_URL is missing/ })
  await t.rejects(withDatabase({ PORT: 'abc', DATA_DIR: '/proc/none' }), new ConfigError(['PORT must be integer. Port to listen on; 0 takes any free one.']),
    'what is wrong with the rest is told before a server is started')
})

t.test('the embedded server of the sandbox and that of real accounts have folders of their own; a former one is pointed to', async t => {
  const folder = t.testdir({})
  t.equal(embeddedFolder(loadWithoutDatabase({ DATA_DIR: folder })), join(folder, 'sandbox'))
  t.equal(embeddedFolder(loadWithoutDatabase({ ...account, DATA_DIR: folder })), join(folder, 'live'))

  await mkdir(join(folder, 'postgres'))
  // A server that does not start: it would take seconds, and the line comes before it.
  await mkdir(join(folder, 'sandbox', 'postgres', 'data'), { recursive: true })
  const said: string[] = []
  await t.rejects(withDatabase({ DATA_DIR: folder }, message => { said.push(message) }), { message: /has no password of its database/ })
  t.match(said[0], `The database in ${join(folder, 'postgres')} is not used any more: move it to ${join(folder, 'sandbox', 'postgres')} or, if what it holds is real, to ${join(folder, 'live', 'postgres')}, while nothing runs; or remove it.`)
})

t.test('an embedded database that is for something else points to another folder', async t => {
  const DATA_DIR = await newFolder()
  const first = await withDatabase({ ...account, DATA_DIR }, () => {})
  t.teardown(first.release)
  await migrate(first.config.DATABASE_URL, keepConfigured(first.config))
  const second = await withDatabase({ ...account, STRIPE_SECRET_KEY: 'sk_live_x', DATA_DIR }, () => {})
  t.teardown(second.release)
  await t.rejects(migrate(second.config.DATABASE_URL, keepConfigured(second.config)), { message: /told to Affitor as real ones\. Set DATA_DIR to another folder\.$/ })
})
