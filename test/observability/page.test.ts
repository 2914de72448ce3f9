import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { parse } from 'yaml'
import type { AffitorPluginOptions } from '../../src/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { readScrape } from '../helpers/metrics.js'
import { hostOptions } from '../plugin/host.js'

t.setTimeout(120_000)

const root = join(import.meta.dirname, '../..')
const page = await readFile(join(root, 'docs/monitoring.md'), 'utf8')
const alerts = await readFile(join(root, 'docs/monitoring/alerts.yaml'), 'utf8')

/** The code of a language that the page has after a heading. */
function block (heading: string, language: string): string {
  const [, section = ''] = page.split(new RegExp(`^## ${heading}$`, 'm'))
  const [, code] = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(section) ?? []
  if (code === undefined) throw new Error(`${heading} has no ${language}`)
  return code
}

t.test('the app of docs/monitoring.md tells its metrics', async t => {
  const { connectionString } = await createTestDatabase(t)
  const source = pathToFileURL(join(root, 'src/index.ts')).href
  const folder = t.testdir({ 'host.ts': block('Metrics', 'ts').replaceAll("'fastify-affitor'", `'${source}'`) })
  const { build } = await import(pathToFileURL(join(folder, 'host.ts')).href) as { build (options: AffitorPluginOptions): Promise<FastifyInstance> }
  const app = await build(hostOptions(connectionString))
  t.teardown(() => app.close())
  const { value } = readScrape((await app.inject('/metrics')).body)
  t.equal(value('affitor_database_up'), 1)
  t.ok(value('nodejs_eventloop_lag_seconds') !== undefined)
})

t.test('the app of docs/monitoring.md is traced', async t => {
  const { connectionString } = await createTestDatabase(t)
  const source = pathToFileURL(join(root, 'src/index.ts')).href
  const folder = t.testdir({ 'traced.ts': block('Traces', 'ts').replaceAll("'fastify-affitor'", `'${source}'`) })
  const { build } = await import(pathToFileURL(join(folder, 'traced.ts')).href) as { build (options: AffitorPluginOptions, exporter: SpanExporter): Promise<FastifyInstance> }
  const names: string[] = []
  const app = await build(hostOptions(connectionString), {
    export (spans, done) {
      names.push(...spans.map(({ name }) => name))
      done({ code: 0 })
    },
    async shutdown () {}
  })
  app.post('/join', async () => await app.affitor.trackLead({ customerExternalId: 'ada' }))
  await app.inject({ method: 'POST', url: '/join' })
  await app.close()
  t.ok(names.includes('store tracking_events'), names.join())
})

t.test('Prometheus is told to use the job\'s name of the alerts', async t => {
  const { scrape_configs: [job] } = parse(block('Metrics', 'yaml')) as { scrape_configs: Array<{ job_name: string }> }
  t.match(alerts, `{job="${job?.job_name}"}`)
})

t.test('every alert is on the page', async t => {
  const { groups } = parse(alerts) as { groups: Array<{ rules: Array<{ alert: string }> }> }
  t.same(groups.flatMap(({ rules }) => rules).map(({ alert }) => alert).filter(alert => !page.includes(`\`${alert}\``)), [])
})
