import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import type { StartedAffitor } from '../helpers/affitor.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { startProcess } from '../helpers/processes.js'
import { startSandbox } from '../helpers/sandbox.js'

// Each of them starts several processes and database servers.
t.setTimeout(180_000)

/** Signs up in a sandbox whose Affitor fails, and stops it: its lead still waits. */
async function leaveALead (t: Test, variables: Record<string, string>): Promise<void> {
  const sandbox = await startSandbox(t, { DELIVERY_RETRY_BASE_MS: '1', ...variables })
  await sandbox.call(`${sandbox.affitorUrl}/_sandbox/behaviour`, { failStatus: 503 })
  await sandbox.call(`${sandbox.url}/api/signup`, { email: 'made-up@example.com', password: 'correct horse battery' })
  await eventually('the lead was tried', async () => ((await sandbox.ledger())[0]?.attempts ?? 0) > 0)
  t.match(await sandbox.ledger(), [{ kind: 'lead', state: 'pending' }])
  await sandbox.stop()
}

/** What an account's owner would start next: real-looking keys, and an Affitor that writes down who calls. */
function startLive (t: Test, affitor: StartedAffitor, databaseUrl: string, dataDir: string) {
  return startProcess(t, { entry: 'start', databaseUrl, affitor, variables: { DATA_DIR: dataDir, DELIVERY_RETRY_BASE_MS: '1' } })
}

async function folder (t: Test): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fastify-affitor-test-'))
  t.teardown(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}

t.test('real keys on the folder of a sandbox find an empty database, and the sandbox finds its own again', async t => {
  const dataDir = await folder(t)
  await leaveALead(t, { DATABASE_URL: '', DATA_DIR: dataDir })

  const affitor = await startAffitor(t)
  const live = startLive(t, affitor, '', dataDir)
  await live.running
  const response = await fetch(`${live.url()}/api/signup`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'real@example.com', password: 'correct horse battery' })
  })
  t.equal(response.status, 201)
  await eventually('the real lead is told', () => affitor.calls('lead').length > 0)
  t.equal(await live.end('SIGTERM'), 0)
  t.same(affitor.calls('lead').map(({ body }) => (body as { email?: string }).email), ['real@example.com'])
  t.same((await readdir(dataDir)).sort(), ['live', 'sandbox'])

  const again = await startSandbox(t, { DATABASE_URL: '', DATA_DIR: dataDir })
  await eventually('the made-up lead is told to the stand-in', async () => (await again.ledger()).every(({ state }) => state !== 'pending'))
  t.equal((await again.ledger()).length, 1)
})

t.test('real keys on the database of a sandbox are refused before anything is told', async t => {
  const { connectionString, name } = await createTestDatabase(t)
  await leaveALead(t, { DATABASE_URL: connectionString })

  const affitor = await startAffitor(t)
  await Promise.all((['start', 'server', 'worker'] as const).map(async entry => {
    const live = startProcess(t, { entry, databaseUrl: connectionString, affitor })
    live.running.catch(() => {})
    t.equal(await live.ended, 1, entry)
    t.match(live.output(), new RegExp(`The database ${name} at 127\\.0\\.0\\.1:\\d+ is for a sandbox, and the configuration is for Affitor program 42 with a Stripe test key: .* Set DATABASE_URL to an empty database\\.`), entry)
  }))
  t.same(affitor.calls(), [])
})
