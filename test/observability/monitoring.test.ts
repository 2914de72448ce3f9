import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parser } from '@prometheus-io/lezer-promql'
import t from 'tap'
import { parse } from 'yaml'
import { readScrape } from '../helpers/metrics.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const METRICS_TOKEN = 'test-metrics-token-0123456789'

interface Rule { alert: string, expr: string, for?: string, labels: Record<string, string>, annotations: Record<string, string> }
interface Panel { id: number, title: string, description: string, type: string, gridPos: { x: number, y: number, w: number, h: number }, targets: Array<{ refId: string, expr: string }> }

const read = (file: string) => readFile(join(import.meta.dirname, '../../docs/monitoring', file), 'utf8')

t.setTimeout(120_000)
const service = await startService(t, { variables: { METRICS_TOKEN } })
// So that each metric has a sample, which shows its labels.
await query(service.connectionString, `
  insert into stripe_events (id, type, livemode, created, payload, state, reason) values ('evt_1', 'invoice.paid', false, now(), '{', 'failed', 'interpretation_failed')`)
const scrape = readScrape(await (await fetch(`${service.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).text())

/** What Prometheus adds to each sample, and how it names what it scrapes. */
const OF_PROMETHEUS = { metric: 'up', labels: ['job', 'instance'] }

/** What is wrong with an expression, by Prometheus's own grammar, and by what the service tells. */
function complaints (expression: string): string[] {
  const found: string[] = []
  const text = expression.replaceAll('$__rate_interval', '5m')
  parser.parse(text).iterate({
    enter (node) {
      if (node.type.isError) found.push(`no PromQL at ${text.slice(node.from)}`)
      if (node.name !== 'VectorSelector') return
      const metric = text.slice(node.from, node.node.getChild('Identifier')?.to)
      if (metric === OF_PROMETHEUS.metric) return
      const lines = scrape.text.match(new RegExp(`^${metric}[ {].*$`, 'gm'))
      if (lines === null) found.push(`${metric} is not told`)
      node.node.cursor().iterate(({ name, from, to }) => {
        if (name !== 'LabelName') return
        const label = text.slice(from, to)
        if (!OF_PROMETHEUS.labels.includes(label) && lines?.every(line => line.includes(`${label}="`)) !== true) found.push(`${metric} has no label ${label}`)
      })
    }
  })
  // Labels by which is grouped, of expressions of one metric.
  const [, list] = /\bby \(([^)]*)\)/.exec(text) ?? []
  const metrics = new Set(text.match(/\b(affitor|nodejs)_\w+/g))
  for (const label of list?.split(', ') ?? []) {
    for (const metric of metrics) {
      if (!new RegExp(`^${metric}\\{.*${label}="`, 'm').test(scrape.text)) found.push(`${metric} is not grouped by ${label}`)
    }
  }
  return found
}

t.test('what is no PromQL, and names what the service does not tell, is found', async t => {
  t.match(complaints('max(affitor_facts'), [/no PromQL/])
  t.same(complaints('max(affitor_fact{state="pending"})'), ['affitor_fact is not told', 'affitor_fact has no label state'])
  t.same(complaints('affitor_facts{status="pending"}'), ['affitor_facts has no label status'])
  t.same(complaints('sum by (step) (rate(affitor_answers_total[5m]))'), ['affitor_answers_total is not grouped by step'])
})

t.test('the alert rules are right, and each says what it means and what to do', async t => {
  const { groups } = parse(await read('alerts.yaml')) as { groups: Array<{ name: string, rules: Rule[] }> }
  const rules = groups.flatMap(group => group.rules)
  t.ok(rules.length >= 10)
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length, 'each has a name of its own')
  for (const { alert, expr, labels, annotations, ...rule } of rules) {
    t.same(complaints(expr), [], alert)
    t.match(rule.for ?? '1m', /^\d+[smh]$/, alert)
    t.match(labels.severity, /^(warning|critical)$/, alert)
    t.same(Object.keys(annotations), ['summary', 'description', 'action'], alert)
    for (const [, label = ''] of Object.values(annotations).join(' ').matchAll(/\$labels\.(\w+)/g)) {
      t.ok(OF_PROMETHEUS.labels.includes(label) || expr.includes(label), `${alert} names the label ${label}`)
    }
  }
})

t.test('the dashboard asks for what is told, and its panels do not cover each other', async t => {
  const { uid, panels, templating } = JSON.parse(await read('dashboard.json')) as { uid: string, panels: Panel[], templating: { list: Array<{ name: string }> } }
  t.equal(uid, 'fastify-affitor')
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const variables = new Set(templating.list.map(({ name }) => name))
  const taken = new Set<string>()
  for (const { title, description, gridPos: { x, y, w, h }, targets } of panels) {
    t.ok(description, title)
    t.ok(x + w <= 24, title)
    for (const { expr } of targets) {
      t.same(complaints(expr), [], title)
      for (const [, name = ''] of expr.matchAll(/\$(?!__)\{?(\w+)/g)) t.ok(variables.has(name), `${title} uses ${name}`)
    }
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        if (taken.has(`${column}:${row}`)) t.fail(`${title} covers another`)
        taken.add(`${column}:${row}`)
      }
    }
  }
})

t.test('every metric of the program is in an alert or on the dashboard', async t => {
  const files = await read('alerts.yaml') + await read('dashboard.json')
  t.same([...scrape.names].filter(name => name.startsWith('affitor_') && !files.includes(name)), [])
})
