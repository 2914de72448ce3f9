import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import affitor from '../../src/index.js'
import type { AffitorPluginOptions } from '../../src/index.js'

export const WEBHOOK_SECRET = 'whsec_of_the_host'
export const OPERATOR_TOKEN = 'token-of-the-hosts-operator'

/** Options of a host that has its own Stripe client; nothing is started but what the test starts. */
export function hostOptions (database: AffitorPluginOptions['database'], options: Partial<AffitorPluginOptions> = {}): AffitorPluginOptions {
  return {
    database,
    stripe: new Stripe('sk_test_of_the_host', { host: '127.0.0.1', port: 9, protocol: 'http', maxNetworkRetries: 0 }),
    affitor: { apiKey: 'aff_of_the_host', programId: '42', apiUrl: 'http://127.0.0.1:9', testMode: false },
    livemode: false,
    workers: false,
    webhook: { secrets: WEBHOOK_SECRET },
    operator: { token: OPERATOR_TOKEN },
    ...options
  }
}

const DECORATORS = ['db', 'stripe', 'authenticate', 'notifier', 'workers', 'engine', 'inbox']

/** What an app may have set for itself, in whatever order. */
export const habits = {
  swagger: app => app.register(swagger, { openapi: { info: { title: 'The host', version: '1' } } }),
  cookie: app => app.register(cookie),
  jwt: app => app.register(jwt, { secret: 'the secret of the host' }),
  errorHandler: app => app.setErrorHandler((error: Error, _request, reply) => reply.code(418).send({ host: error.message })),
  notFound: app => app.setNotFoundHandler((_request, reply) => reply.code(404).send('the host has no such thing')),
  validator: app => app.setValidatorCompiler(() => value => ({ value: { ...value as object, checkedByHost: true } })),
  serializer: app => app.setSerializerCompiler(() => value => `host says ${JSON.stringify(value)}`),
  parser: app => {
    app.addContentTypeParser('application/xml', { parseAs: 'string' }, (_request, body, done) => { done(null, { xml: body }) })
  },
  jsonParser: app => {
    app.removeContentTypeParser('application/json')
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => { done(null, { own: body }) })
  },
  noParsers: app => { app.removeAllContentTypeParsers() },
  decorators: app => {
    // Names that the service's types know otherwise.
    const host = app as unknown as Record<'decorate' | 'decorateRequest' | 'decorateReply', (name: string, value: unknown) => void>
    for (const name of DECORATORS) host.decorate(name, `the host's ${name}`)
    host.decorateRequest('account', null)
    host.decorateReply('logIn', () => {})
  },
  schemas: app => {
    app.addSchema({ $id: 'ErrorResponse', type: 'object', properties: { ofHost: { type: 'string' } } })
    app.addSchema({ $id: 'TrackingEvent', type: 'string' })
  },
  hooks: app => app.addHook('onSend', async (request, reply) => { reply.header('x-host', request.method) })
} satisfies Record<string, (app: FastifyInstance) => unknown>

export type Habit = keyof typeof habits

/** An app with these habits and a few routes of its own; it has the plugin after `before` of them. */
export async function buildHost (order: Habit[], plugin?: { before: number, options: AffitorPluginOptions }): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify()
  for (const [i, habit] of order.entries()) {
    if (i === plugin?.before) await app.register(affitor, plugin.options)
    await habits[habit](app)
  }
  if (plugin !== undefined && plugin.before >= order.length) await app.register(affitor, plugin.options)
  const schema = {
    body: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, age: { type: 'integer' } } },
    response: { 200: { type: 'object', additionalProperties: true } }
  }
  app.post('/own', { schema }, async request => ({ body: request.body }))
  app.get('/own', async () => ({ from: 'the host' }))
  app.get('/fails', async () => { throw new Error('the host fails') })
  return app
}

const probes = [
  { method: 'GET', url: '/own' },
  { method: 'GET', url: '/fails' },
  { method: 'GET', url: '/nowhere' },
  { method: 'POST', url: '/nowhere', payload: '{}', headers: { 'content-type': 'application/json' } },
  { method: 'POST', url: '/own', payload: '{"name":"Ada","age":"36","more":1}', headers: { 'content-type': 'application/json' } },
  { method: 'POST', url: '/own', payload: '{"age":1}', headers: { 'content-type': 'application/json' } },
  { method: 'POST', url: '/own', payload: '{', headers: { 'content-type': 'application/json' } },
  { method: 'POST', url: '/own', payload: '<name/>', headers: { 'content-type': 'application/xml' } },
  { method: 'POST', url: '/own', payload: 'text', headers: { 'content-type': 'text/plain' } },
  { method: 'OPTIONS', url: '/own' }
] as const

/** How an app behaves to whoever uses it, and what its own code finds. */
export async function behaviourOf (app: FastifyInstance) {
  const answers = []
  for (const probe of probes) {
    const { statusCode, headers: { date: _date, ...headers }, body } = await app.inject(probe)
    answers.push({ probe, statusCode, headers, body })
  }
  const decorators = DECORATORS.map(name => (app as unknown as Record<string, unknown>)[name])
  return {
    answers,
    decorators,
    names: Object.keys(app).filter(name => name !== 'affitor').sort(),
    requestDecorators: ['user', 'account', 'session', 'cookies', 'jwtVerify'].filter(name => app.hasRequestDecorator(name)),
    replyDecorators: ['logIn', 'logOut', 'sendFile', 'setCookie'].filter(name => app.hasReplyDecorator(name)),
    schemas: app.getSchemas(),
    parsers: ['application/json', 'application/xml', 'text/plain', '*'].filter(type => app.hasContentTypeParser(type))
  }
}

/** What the document of an app says of its own routes. */
export function ownDocument (app: FastifyInstance) {
  if (!app.hasDecorator('swagger')) return undefined
  const { paths = {}, ...rest } = app.swagger() as { paths?: Record<string, unknown> }
  return { ...rest, paths: Object.fromEntries(Object.entries(paths).filter(([path]) => !/webhooks|tracking/.test(path))) }
}
