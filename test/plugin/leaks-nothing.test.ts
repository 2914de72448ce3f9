import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import affitor from '../../src/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { behaviourOf, buildHost, habits, hostOptions, OPERATOR_TOKEN, ownDocument } from './host.js'
import type { Habit } from './host.js'

const names = Object.keys(habits) as Habit[]
const authorization = `Bearer ${OPERATOR_TOKEN}`

const hosts = fc.record({
  order: fc.shuffledSubarray(names),
  before: fc.nat({ max: names.length }),
  openapi: fc.constantFrom(true, false)
})

t.test('an app behaves the same with the plugin and without, whatever else it has and in whatever order', async t => {
  const { connectionString } = await createTestDatabase(t)
  await fc.assert(fc.asyncProperty(hosts, async ({ order, before, openapi }) => {
    const options = hostOptions(connectionString, { openapi, migrate: 'unchecked' })
    const without = await buildHost(order)
    const withPlugin = await buildHost(order, { before, options })
    await Promise.all([without.ready(), withPlugin.ready()])
    try {
      t.strictSame(await behaviourOf(withPlugin), await behaviourOf(without), order.join(', '))
      t.strictSame(ownDocument(withPlugin), ownDocument(without))
      const paths = withPlugin.hasDecorator('swagger') ? Object.keys(withPlugin.swagger().paths ?? {}) : []
      const isFirst = order.indexOf('swagger') !== -1 && order.indexOf('swagger') < before
      t.equal(paths.some(path => path.startsWith('/api/tracking/')), isFirst && openapi, 'the routes are documented if they may and can be')

      const summary = await withPlugin.inject({ url: '/api/tracking/summary', headers: { authorization } })
      t.equal(summary.statusCode, 200, summary.body)
      t.match(summary.json(), { delivery: { state: 'running' } })
      t.match((await withPlugin.inject('/api/tracking/summary')).json(), { statusCode: 401, code: 'OPERATOR_ONLY' })
      const limit = await withPlugin.inject({ url: '/api/tracking/events?limit=x', headers: { authorization } })
      t.match(limit.json(), { code: 'INVALID_REQUEST', message: 'querystring/limit must be integer' })
      const retried = await withPlugin.inject({ method: 'POST', url: '/api/tracking/events/1/retry', headers: { authorization } })
      t.match(retried.json(), { statusCode: 404, code: 'NOT_FOUND' })
      const unsigned = await withPlugin.inject({ method: 'POST', url: '/webhooks/stripe', payload: '{}', headers: { 'content-type': 'application/json' } })
      t.match(unsigned.json(), { statusCode: 400, code: 'INVALID_SIGNATURE' })
    } finally {
      await Promise.all([without.close(), withPlugin.close()])
    }
  }), { numRuns: 25 })
})

t.test('its routes are valid in a document of OpenAPI 3.0, and need nothing of the app\'s document', async t => {
  const { connectionString } = await createTestDatabase(t)
  const app = await buildHost(['swagger', 'schemas'], { before: 1, options: hostOptions(connectionString, { migrate: 'unchecked' }) })
  t.teardown(() => app.close())
  await app.ready()
  const { paths = {}, openapi } = app.swagger() as { paths?: Record<string, object>, openapi: string }
  t.match(openapi, /^3\.0/)
  const ours = JSON.stringify(Object.entries(paths).filter(([path]) => /webhooks|tracking/.test(path)))
  t.ok(ours.length > 10_000, 'they are described')
  t.notMatch(ours, /"(examples|const|\$ref|\$id|security)":|"type":\[/)
  t.match(ours, '"operationId":"affitorListTrackingEvents"', 'no name that could be the app\'s own')
})

t.test('registered twice, in whatever part of the app, it says so in one sentence', async t => {
  const { connectionString } = await createTestDatabase(t)
  const options = hostOptions(connectionString, { migrate: 'unchecked' })
  const twice = [
    async (app: FastifyInstance) => { await app.register(affitor, options) },
    async (app: FastifyInstance) => { await app.register(async scope => { await scope.register(affitor, options) }, { prefix: '/other' }) }
  ]
  for (const again of twice) {
    const app = await buildHost([], { before: 0, options })
    await t.rejects(again(app), { message: 'fastify-affitor is registered already, and one app has it once: use app.affitor.' })
    await app.close().catch(() => {})
  }
})
