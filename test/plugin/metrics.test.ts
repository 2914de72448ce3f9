import Fastify from 'fastify'
import { Counter, Registry } from 'prom-client'
import t from 'tap'
import affitor, { createAffitor } from '../../src/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { readScrape } from '../helpers/metrics.js'
import { hostOptions } from './host.js'

t.test('metrics are in the app\'s own registry, beside its own, and no route is mounted', async t => {
  const { connectionString } = await createTestDatabase(t)
  const registry = new Registry()
  new Counter({ registers: [registry], name: 'logins_total', help: 'Of the app' }).inc()
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(affitor, hostOptions(connectionString, { metrics: { registry } }))
  await app.ready()
  await app.affitor.trackLead({ customerExternalId: 'ada' })
  await app.inject({ method: 'POST', url: '/webhooks/stripe', payload: '{}' })

  const { names, value } = readScrape(await registry.metrics())
  t.equal(value('logins_total'), 1)
  t.equal(value('affitor_facts', { kind: 'lead', state: 'pending' }), 1)
  t.equal(value('affitor_group_size_count', { group: 'reports' }), 1)
  t.equal(value('affitor_webhook_requests_total', { status: '400' }), 1)
  t.notOk([...names].some(name => name.startsWith('nodejs_')), 'what Node tells of itself is the app\'s own to register')
  t.equal((await app.inject('/metrics')).statusCode, 404)
})

t.test('an engine counts too', async t => {
  const { connectionString } = await createTestDatabase(t)
  const registry = new Registry()
  const { webhook: _webhook, operator: _operator, ...options } = hostOptions(connectionString, { metrics: { registry } })
  const engine = createAffitor(options)
  t.teardown(() => engine.close())
  await engine.migrate()
  await engine.trackLead({ customerExternalId: 'ada' })
  const { value } = readScrape(await registry.metrics())
  t.equal(value('affitor_facts', { kind: 'lead', state: 'pending' }), 1)
  t.equal(value('affitor_group_size_count', { group: 'reports' }), 1)
})

t.test('an app that is closed takes its metrics out of the registry, so that the next has them there', async t => {
  const { connectionString } = await createTestDatabase(t)
  const registry = new Registry()
  new Counter({ registers: [registry], name: 'logins_total', help: 'Of the app' }).inc()
  const apps = [Fastify(), Fastify()]
  for (const app of apps) {
    await app.register(affitor, hostOptions(connectionString, { metrics: { registry } }))
    await app.ready()
    t.equal(readScrape(await registry.metrics()).value('affitor_database_up'), 1)
    await app.close()
    t.same([...readScrape(await registry.metrics()).names], ['logins_total'])
  }
})

t.test('a registry that has the metrics of another app already is refused, at registration', async t => {
  const { connectionString } = await createTestDatabase(t)
  const registry = new Registry()
  new Counter({ registers: [registry], name: 'affitor_answers_total', help: 'Of another' }).inc()
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => { await app.register(affitor, hostOptions(connectionString, { metrics: { registry } })) }, /affitor_answers_total has already been registered/)
  t.same(registry.getMetricsAsArray().map(({ name }) => name), ['affitor_answers_total'], 'nothing is left half registered')
})
