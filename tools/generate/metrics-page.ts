import * as client from 'prom-client'
import type { Database } from '../../src/db/pool.js'
import { registerMetrics } from '../../src/observability/metrics.js'

const introduction = `# Metrics

Generated from \`src/observability/metrics.ts\` by \`npm run generate\`: what \`GET /metrics\` tells, and what is registered in the
registry of an app. [monitoring.md](monitoring.md) says how to switch them on. Beside these the standalone API tells what
Node tells of itself (\`nodejs_...\`, \`process_...\`: event loop, memory, garbage), by prom-client's \`collectDefaultMetrics\`.

| metric | kind | labels | what it is |
| --- | --- | --- | --- |
`

/** Of a registry. */
interface Described { name: string, help: string, type: string, labelNames: string[] }

/** The page that explains every metric. Nothing is read: no database is asked, and no pool opened. */
export function metricsPage (): string {
  const registry = new client.Registry()
  registerMetrics({ client, registry, db: {} as Database, pool: { totalCount: 0, idleCount: 0, waitingCount: 0, options: { max: 0 } } })
  const rows = (registry.getMetricsAsArray() as unknown as Described[]).map(({ name, help, type, labelNames }) =>
    `| \`${name}\` | ${type} | ${labelNames.filter(label => label !== 'le').map(label => `\`${label}\``).join(', ')} | ${help} |`)
  return `${introduction}${rows.join('\n')}\n`
}
