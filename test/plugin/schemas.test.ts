import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import type { TSchema } from '@sinclair/typebox'
import t from 'tap'
import affitor from '../../src/index.js'
import { AlertMessage, components, keywords, ref, SaleEvent, TrackingEvent } from '../../schemas/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { hostOptions, OPERATOR_TOKEN } from './host.js'

const [alert] = AlertMessage.examples as [AlertMessage]
const [sale] = SaleEvent.examples as [SaleEvent]

/** An app as Fastify makes it, which has the schemas of the contract and nothing else. */
function openApp (ajv: object = {}) {
  const app = Fastify({ ajv })
  for (const schema of components) app.addSchema(schema)
  return app
}

t.test('an app answers by any of the schemas, as Fastify is by itself', async t => {
  for (const schema of components) {
    const app = openApp()
    const [example] = (schema.examples ?? []) as [unknown?]
    app.get('/', { schema: { response: { 200: ref(schema) } } }, async () => example)
    await app.ready()
    if (example !== undefined && typeof example === 'object') t.same((await app.inject('/')).json(), example, String(schema.$id))
    await app.close()
  }
})

t.test('it checks a body by a schema, and once it is told of OpenAPI\'s words by each of them', async t => {
  const takes = async (schema: TSchema, payload: object, ajv?: object) => {
    const app = openApp(ajv)
    app.post('/', { schema: { body: ref(schema) } }, async () => 'taken')
    const { statusCode } = await app.inject({ method: 'POST', url: '/', payload })
    await app.close()
    return statusCode
  }
  t.equal(await takes(AlertMessage, alert), 200)
  t.equal(await takes(AlertMessage, { text: alert.text }), 400)
  const told = { customOptions: { keywords } }
  t.equal(await takes(SaleEvent, sale, told), 200)
  t.equal(await takes(TrackingEvent, sale, told), 200)
  t.equal(await takes(TrackingEvent, { ...sale, kind: 'gift' }, told), 400)
  for (const schema of components) t.equal(await takes(schema, { unlike: 'any' }, told) < 500, true, String(schema.$id))
})

t.test('the plugin\'s routes refer to them in the app\'s document, and leave what is the app\'s alone', async t => {
  const { connectionString } = await createTestDatabase(t)
  const app = openApp()
  t.teardown(() => app.close())
  await app.register(swagger, { openapi: { openapi: '3.1.0', info: { title: 'The app', version: '1' } }, refResolver: { buildLocalReference: ({ $id }) => String($id) } })
  await app.register(affitor, hostOptions(connectionString, { migrate: 'unchecked', openapi: 'refs' }))
  app.get('/sales', { schema: { response: { 200: ref(SaleEvent) } } }, async () => sale)
  await app.ready()
  const document = app.swagger() as unknown as { paths: Record<string, Record<string, { operationId?: string, security?: unknown, responses: Record<string, unknown> }>>, components: { schemas: Record<string, unknown> } }
  const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '')
  t.ok(referred.includes('TrackingEventPage') && referred.includes('CustomerStory'))
  t.same(referred.filter(name => !(name in document.components.schemas)), [])
  const operations = Object.entries(document.paths).filter(([path]) => path !== '/sales').flatMap(([, methods]) => Object.values(methods))
  t.ok(operations.length > 15)
  for (const { operationId, security } of operations) {
    t.match(operationId, /^affitor[A-Z]/)
    t.equal(security, undefined)
  }
  t.match(document.paths['/api/tracking/events/{id}']?.get?.responses[404], {
    description: /tracking event/, content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorResponse' } } }
  })
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
  t.match((await app.inject({ url: '/api/tracking/events', headers })).json(), { events: [], nextCursor: null })
  t.match((await app.inject({ url: '/api/tracking/events/1', headers })).json(), { statusCode: 404, code: 'NOT_FOUND' })
  t.match((await app.inject('/api/tracking/events')).json(), { statusCode: 401, code: 'OPERATOR_ONLY' })
})
