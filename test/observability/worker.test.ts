import t from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import { eventually } from '../helpers/eventually.js'
import { openLedger } from '../helpers/ledger.js'
import { readScrape } from '../helpers/metrics.js'
import { startProcess } from '../helpers/processes.js'

const METRICS_TOKEN = 'test-metrics-token-0123456789'

t.test('a process of the workers alone tells what it counts, on a port of its own', async t => {
  const affitor = await startAffitor(t)
  const ledger = await openLedger(t)
  const worker = startProcess(t, { entry: 'worker', databaseUrl: ledger.connectionString, affitor, variables: { METRICS_TOKEN, METRICS_PORT: '0' } })
  await worker.running
  await ledger.add({ kind: 'lead' })
  const ask = (path: string, token: string) => fetch(worker.url() + path, { headers: { authorization: `Bearer ${token}` } })
  await eventually('its call is counted', async () => {
    return readScrape(await (await ask('/metrics', METRICS_TOKEN)).text()).value('affitor_answers_total', { kind: 'lead', status: '200' }) === 1
  })
  t.match(await (await ask('/metrics', 'another')).json(), { statusCode: 401, code: 'UNAUTHORIZED' })
  t.equal((await ask('/health/live', METRICS_TOKEN)).status, 404)
  t.equal(await worker.end('SIGTERM'), 0)
})
