import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FastifyOtelInstrumentation } from '@fastify/otel'
import { context, SpanKind, trace } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import affitor from '../../src/index.js'
import { startAffitor } from '../helpers/affitor.js'
import type { StartedAffitor } from '../helpers/affitor.js'
import { createTestDatabase } from '../helpers/database.js'
import { query } from '../helpers/sql.js'
import { signature, stripeEvent } from '../helpers/webhook.js'
import { hostOptions, WEBHOOK_SECRET } from '../plugin/host.js'

t.setTimeout(180_000)

interface Printed { name: string, kind: SpanKind, traceId: string, spanId: string, parent?: string, attributes: Attributes, status: { code: number } }

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

/** A host that is instrumented, and accepts; it runs no workers. */
async function startHost (t: Test) {
  const { connectionString } = await createTestDatabase(t)
  const app = Fastify()
  t.teardown(() => app.close())
  const instrumentation = new FastifyOtelInstrumentation()
  instrumentation.setTracerProvider(provider)
  await app.register(instrumentation.plugin())
  await app.register(affitor, hostOptions(connectionString))
  app.post('/join', async request => await app.affitor.trackLead({ customerExternalId: 'ada@example.com', clickId: app.affitor.clickId(request) }))
  app.post('/join-in-transaction', async () => {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString })
    await client.connect()
    try {
      return await app.affitor.trackLead({ customerExternalId: 'grace' }, { db: client })
    } finally {
      await client.end()
    }
  })
  await app.ready()
  return { app, connectionString }
}

async function receive (app: FastifyInstance, event: object): Promise<void> {
  const payload = JSON.stringify(event)
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/webhooks/stripe', payload, headers: { 'stripe-signature': signature(payload, WEBHOOK_SECRET) } })
  if (statusCode !== 200) throw new Error(body)
}

/** Another process does the work. @returns its spans */
async function work (connectionString: string, { url, apiKey }: StartedAffitor): Promise<Printed[]> {
  const program = join(import.meta.dirname, '../fixtures/traced-worker.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', program, connectionString, url, apiKey])
  return stdout.trim().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Printed)
}

t.test('without an SDK nothing is stored, and all goes on', async t => {
  const { app, connectionString } = await startHost(t)
  await app.inject({ method: 'POST', url: '/join' })
  const [row] = await query(connectionString, 'select traceparent from tracking_events')
  t.match(row?.traceparent, null)
})

t.test('from the request to each attempt is one trace, across processes', async t => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  const { app, connectionString } = await startHost(t)
  exporter.reset()
  const standIn = await startAffitor(t)
  standIn.behave({ failStatus: 503, times: 1, endpoints: ['lead'] })

  await app.inject({ method: 'POST', url: '/join', payload: { affitorClickId: await standIn.click() } })
  const lead = exporter.getFinishedSpans()
  const request = lead.find(({ parentSpanContext }) => parentSpanContext === undefined)
  const accepted = lead.find(({ name }) => name === 'store tracking_events')
  t.equal(accepted?.kind, SpanKind.PRODUCER)
  t.not(accepted, request)
  t.equal(accepted?.spanContext().traceId, request?.spanContext().traceId, 'the request\'s trace goes on')
  const [{ traceparent } = { traceparent: undefined }] = await query(connectionString, 'select traceparent from tracking_events')
  t.equal(traceparent, `00-${accepted?.spanContext().traceId}-${accepted?.spanContext().spanId}-01`)

  exporter.reset()
  await receive(app, stripeEvent())
  const stored = exporter.getFinishedSpans().find(({ name }) => name === 'store stripe_events')
  t.match(stored?.attributes, { 'messaging.system': 'fastify-affitor', 'messaging.destination.name': 'stripe_events', 'messaging.operation.type': 'send' })

  const spans = await work(connectionString, standIn)
  const attempts = spans.filter(({ attributes }) => attributes['affitor.fact.kind'] === 'lead')
  t.match(attempts, [
    { name: 'POST /api/v1/track/lead', kind: SpanKind.CLIENT, parent: accepted?.spanContext().spanId, status: { code: 2 }, attributes: { 'http.request.method': 'POST', 'http.response.status_code': 503, 'error.type': '503', 'url.full': `${standIn.url}/api/v1/track/lead`, 'server.address': '127.0.0.1' } },
    { name: 'POST /api/v1/track/lead', parent: accepted?.spanContext().spanId, attributes: { 'http.response.status_code': 200, 'http.request.resend_count': 1 } }
  ])
  t.same(new Set(attempts.map(({ traceId }) => traceId)), new Set([accepted?.spanContext().traceId]))
  const reading = spans.find(({ name }) => name === 'interpret stripe_events')
  t.match(reading, { kind: SpanKind.CONSUMER, traceId: stored?.spanContext().traceId, parent: stored?.spanContext().spanId, attributes: { 'messaging.operation.type': 'process' } })
  t.notMatch(JSON.stringify(spans), /ada/, 'no span says who the customer is')
})

t.test('a fact of an event goes on with the event\'s interpretation; one of an app\'s own transaction with its request', async t => {
  const { app, connectionString } = await startHost(t)
  const standIn = await startAffitor(t)
  exporter.reset()
  await app.inject({ method: 'POST', url: '/join-in-transaction' })
  const accepted = exporter.getFinishedSpans().find(({ name }) => name === 'store tracking_events')
  const metadata = app.affitor.attributionMetadata({ customerExternalId: 'grace' })
  const session = { id: 'cs_test_1', object: 'checkout.session', mode: 'payment', payment_status: 'paid', amount_total: 4900, currency: 'usd', invoice: null, payment_intent: null, subscription: null, customer: null, created: 1793534400, metadata }
  await receive(app, stripeEvent({ data: { object: session } }))
  const stored = exporter.getFinishedSpans().find(({ name }) => name === 'store stripe_events')
  const spans = await work(connectionString, standIn)
  t.match(spans.find(({ attributes }) => attributes['affitor.fact.kind'] === 'lead'), { traceId: accepted?.spanContext().traceId })
  const reading = spans.find(({ name }) => name === 'interpret stripe_events')
  const sale = spans.find(({ attributes }) => attributes['affitor.fact.kind'] === 'sale')
  t.match(reading, { traceId: stored?.spanContext().traceId, attributes: { 'affitor.outcome': 'interpreted' } })
  t.match(sale, { traceId: stored?.spanContext().traceId, parent: reading?.spanId })
})
