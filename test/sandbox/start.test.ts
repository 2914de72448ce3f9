import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { freePorts } from '../../sandbox/free-ports.js'
import { createTestDatabase } from '../helpers/database.js'
import { startSandbox } from '../helpers/sandbox.js'

const project = join(import.meta.dirname, '..', '..')

/** Runs what `npm start` runs, where it cannot start; resolves to its exit code and what it said. */
function startInVain (variables: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', 'sandbox/start.ts'], {
    cwd: project, encoding: 'utf8', timeout: 60_000, env: { PATH: process.env.PATH, ...variables }
  })
  return { status, said: `${stdout}${stderr}`.trim() }
}

t.test('the banner tells what stands in for what, where everything is, and what to click first', async t => {
  const { url, affitorUrl, stripeUrl, adminToken, output } = await startSandbox(t)
  for (const part of ['SANDBOX', 'take the place of Stripe and Affitor', `${url}/ `, `${url}/operator`, `${url}/docs`, adminToken, `${stripeUrl}/`, `${affitorUrl}/`]) {
    t.ok(`${output()} `.replaceAll('\n', ' \n').includes(part), part)
  }
  const [link = ''] = /http\S+\/\?aff=\S+/.exec(output()) ?? []
  t.equal(link, `${url}/?aff=TESTCODE`)
  t.equal((await fetch(link)).status, 200, 'the link works')
})

t.test('a port that is in use ends the start with one clear message, which says whose of the three it is', async t => {
  for (const [offset, user] of ['the service', 'the Affitor stand-in', 'the Stripe stand-in'].entries()) {
    const { connectionString } = await createTestDatabase(t)
    const dataDir = await mkdtemp(join(tmpdir(), 'fastify-affitor-test-'))
    const [port = 0] = await freePorts(3)
    const holder = createServer().listen(port + offset, '127.0.0.1')
    await once(holder, 'listening')
    t.teardown(async () => {
      holder.close()
      await rm(dataDir, { recursive: true })
    })
    t.strictSame(startInVain({ PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: connectionString, LOG_LEVEL: 'silent' }), {
      status: 1,
      said: `Port ${port + offset} is in use, and ${user} needs it: the sandbox takes PORT (${port}) for the service, ${port + 1} for the ` +
        `Affitor stand-in and ${port + 2} for the Stripe stand-in. Stop what listens there, or set PORT to the first of three free ports.`
    })
  }
})

t.test('a data directory that cannot be used ends the start with one clear sentence', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-affitor-test-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'file')
  await writeFile(file, '')
  t.match(startInVain({ PORT: '0', DATA_DIR: file, DATABASE_URL: 'postgres://127.0.0.1:1/none' }), {
    status: 1, said: /^The data directory \S+ cannot be used: ENOTDIR.* Set DATA_DIR to one that this user can write\.$/
  })
  t.match(startInVain({ PORT: '0', DATA_DIR: file }), {
    status: 1, said: /^The data directory \S+ cannot be used: ENOTDIR.* Set DATA_DIR to a directory that this user can write, or set DATABASE_URL\.$/
  }, 'also by the embedded server')
})

t.test('an old Node is told so before anything else runs', async t => {
  const run = (version: string) => spawnSync(process.execPath, [
    '-e', `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('./tools/check-node.cjs')`
  ], { cwd: project, encoding: 'utf8' })
  for (const version of ['18.20.8', '20.18.3', '8.0.0']) {
    t.match(run(version), { status: 1, stderr: /^\nfastify-affitor needs Node 20\.19 or later; this is Node [\d.]+\. .*\n\n$/ }, version)
  }
  for (const version of ['20.19.0', '22.0.0', '24.1.0']) t.match(run(version), { status: 0, stderr: '' }, version)
})
