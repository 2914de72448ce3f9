import t from 'tap'
import type { CheckResult } from '../../src/checks/index.js'
import { runScript } from '../helpers/command.js'
import { startService } from '../helpers/service.js'

t.setTimeout(120_000)

const statuses = (results: CheckResult[]) => Object.fromEntries(results.map(({ check, status }) => [check, status]))

t.test('verify says of each part what is right, and its exit code is 1 as long as anything is wrong', async t => {
  const service = await startService(t)
  const { code, stdout } = await runScript(service, 'verify-service', ['--json', '--url', service.url])
  const results = JSON.parse(stdout) as CheckResult[]
  t.match(statuses(results), {
    configuration: 'pass',
    node: 'pass',
    postgres: 'pass',
    schema: 'pass',
    workers: 'fail',
    delivery: 'pass',
    'nothing-stuck': 'pass',
    'stripe-key': 'pass',
    'stripe-mode': 'pass',
    clock: 'pass',
    'stripe-permissions': 'pass',
    'stripe-endpoint': 'skip',
    'webhook-signed': 'pass',
    'webhook-altered': 'pass',
    'affitor-key': 'pass',
    'affitor-program': 'pass',
    'affitor-chain': 'skip',
    'page-tracker': 'pass',
    'signups-with-click': 'skip'
  })
  t.match(results.find(({ check }) => check === 'workers'), { message: /^No process runs the workers/, fix: /npm run worker/ }, 'the test service has none')
  t.equal(code, 1)
})

t.test('for a person it is one line a check, with what to do, and never a secret', async t => {
  const service = await startService(t)
  const { stdout, stderr } = await runScript(service, 'verify-service', ['--url', service.url, '--chain'])
  t.match(stdout, /^✓ webhook-signed: A signed event was answered 200\.$/m)
  t.match(stdout, /^✗ workers: .+\n {2}→ Start a process with workers/m)
  t.match(stdout, /^– stripe-endpoint: Stripe sends nothing to 127\.0\.0\.1/m)
  t.match(stdout, /^\d+ right, \d+ wrong, \d+ not checked\.$/m)
  for (const secret of [service.stripe.secretKey, service.stripe.webhookSecret, service.affitor.apiKey, new URL(service.connectionString).password]) {
    t.notOk(secret !== '' && `${stdout}${stderr}`.includes(secret), 'a secret was printed')
  }
})

t.test('an option that is wrong is told with the usage', async t => {
  const service = await startService(t)
  t.match(await runScript(service, 'verify-service', ['--url', 'api.example.com']), { code: 1, stderr: /--url must be an http or https address\.\n\nUsage: npm run verify --/ })
  t.match(await runScript(service, 'verify-service', ['--pgae', 'x']), { code: 1, stderr: /--pgae/ })
})
