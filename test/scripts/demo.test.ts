import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { takeSandbox } from '../../sandbox/demo/named.js'
import { createTestDatabase } from '../helpers/database.js'
import { withClient } from '../helpers/postgres-server.js'
import { startSandbox } from '../helpers/sandbox.js'
import { startService } from '../helpers/service.js'

// The demo starts a service and a database server of its own.
t.setTimeout(180_000)

const run = promisify(execFile)

async function demo (args: string[], variables: Record<string, string> = {}) {
  try {
    const { stdout, stderr } = await run(process.execPath, ['--import=tsx', 'sandbox/demo.ts', ...args], { env: { PATH: process.env.PATH, ...variables } })
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number, stdout: string, stderr: string }
    return { code, stdout, stderr }
  }
}

/** Answers every request with this, and writes down what was asked. */
async function listener (t: Test, answer: (path: string) => unknown) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}${request.headers.authorization === undefined ? '' : ' with a token'}`)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(request.url ?? '')))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  return { asked, port: String(port), url: `http://127.0.0.1:${port}` }
}

t.test('the demo starts a sandbox of its own, whatever listens on PORT, and whatever else is set', async t => {
  const { asked, port } = await listener(t, () => ({}))
  const { connectionString } = await createTestDatabase(t)
  const { code, stdout, stderr } = await demo([], {
    PORT: port, DATABASE_URL: connectionString, NODE_ENV: 'production', STRIPE_SECRET_KEY: 'sk_live_x', AFFITOR_API_URL: `http://127.0.0.1:${port}`
  })
  t.equal(code, 0, stderr)
  t.match(stdout, /Started a sandbox at http:\/\/localhost:\d+[^]+The ledger and Affitor agree\. The partner keeps \$3\.80/)
  t.same(asked, [])
  await withClient(connectionString, async client => {
    t.same((await client.query('select from users union all select from installation')).rowCount, 0)
  })
})

t.test('the demo uses the sandbox that it is given', async t => {
  const sandbox = await startSandbox(t, { ADMIN_TOKEN: 'another-admin-token' })
  const refused = await demo(['--url', sandbox.url])
  t.match(refused, { code: 1, stderr: /has another ADMIN_TOKEN than sandboxes have by themselves\. Give it: --token/ })
  t.same(await sandbox.ledger(), [])
  const { code, stdout, stderr } = await demo(['--url', sandbox.url, '--token', 'another-admin-token'])
  t.equal(code, 0, stderr)
  t.match(stdout, /Using the sandbox at [^]+The ledger and Affitor agree/)
  t.equal((await sandbox.ledger()).length, 5)
})

t.test('the demo writes into nothing that is not a sandbox', async t => {
  const live = await startService(t)
  const routes: string[] = []
  const accepting = await listener(t, () => ({ sandbox: true, affitor: 'http://127.0.0.1:9', stripe: 'http://127.0.0.1:9' }))
  const anything = await listener(t, () => ({ status: 'ok' }))
  // The stand-ins of a sandbox, but of another one.
  const pretended = await listener(t, path => path === '/_sandbox'
    ? { sandbox: true, affitor: live.affitor.url, stripe: live.stripe.url }
    : {})
  live.app.server.on('request', request => { routes.push(`${request.method} ${request.url}`) })
  for (const { url } of [live, accepting, anything, pretended, { url: 'http://127.0.0.1:9' }]) {
    await t.rejects(takeSandbox(url, 'sandbox-admin-token'), {
      message: `What answers at ${url} is not a sandbox started by \`npm start\`, and the demo writes into nothing else. Leave --url out, and it starts a sandbox of its own.`
    }, url)
  }
  t.same(routes, ['GET /_sandbox'])
  for (const { asked } of [accepting, anything, pretended]) t.same(asked, ['GET /_sandbox'])
  t.same(await live.ledger(), [])
})

t.test('the demo says what it takes', async t => {
  t.match(await demo(['--help']), { code: 0, stdout: /^Usage: npm run demo/ })
  t.match(await demo(['--port', '1']), { code: 1, stderr: /Unknown option '--port'[^]+Usage: npm run demo/ })
  t.match(await demo(['--url', 'localhost:3000']), { code: 1, stderr: /^\s*--url localhost:3000 is no address\. Give that of a sandbox, such as http:\/\/localhost:3000\./ })
})
