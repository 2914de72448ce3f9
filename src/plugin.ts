import { sql } from 'drizzle-orm'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { fromDrizzle } from './adapters/index.js'
import type { Affitor } from './affitor.js'
import { checksReader } from './checks/reader.js'
import { createEngine, needed } from './create-engine.js'
import type { Engine } from './create-engine.js'
import { ApiError } from './errors.js'
import { answerError } from './http/answer-error.js'
import { isForeign, onlyReads } from './http/cross-origin.js'
import { asWritten, ofAnyApp } from './http/document.js'
import type { Document } from './http/document.js'
import { requireToken } from './http/require-token.js'
import { buildSerializer } from './http/serialization.js'
import { buildValidator, describeProblems, takeOnlyJson } from './http/validation.js'
import type { AffitorPluginOptions, WebhookOptions } from './options.js'
import operatorPage from './pages/operator.js'
import stripeWebhookRoute from './routes/stripe-webhook.js'
import trackingRoutes from './routes/tracking/index.js'
import { text } from './settings.js'
import { WEBHOOK_PATH } from './stripe/webhook-endpoint.js'

declare module 'fastify' {
  interface FastifyInstance {
    affitor: Affitor
  }
}

/** Apps that have the plugin, by their server: any part of an app has the same. */
const registered = new WeakSet<object>()

/** Decorates the app with `affitor`, and mounts the routes that the options name in a scope of their own. */
async function mount (app: FastifyInstance, options: AffitorPluginOptions, document: Document): Promise<void> {
  if (registered.has(app.server)) throw new Error('fastify-affitor is registered already, and one app has it once: use app.affitor.')
  const engine = createEngine({ logger: app.log, ...options })
  await engine.metricsReady()
  registered.add(app.server)
  app.decorate('affitor', engine.affitor)

  // What is set below holds in this scope alone.
  await app.register(async scope => {
    scope.addHook('onReady', async () => { await engine.start() })
    scope.addHook('preClose', async () => { void engine.affitor.workers.stop() })
    scope.addHook('onClose', async () => { await engine.affitor.close() })
    keepToItself(scope, options.openapi === 'refs' ? scope.getSchemas() : {})
    if (options.webhook !== undefined) await mountWebhook(scope, engine, options.webhook, document)
    if (options.operator !== undefined) await mountOperator(scope, engine, options, document)
  }, { prefix: options.prefix ?? '' })
}

/**
 * Whatever the app has set for its own routes, these are answered as documented.
 * @param schemas those that the routes' own refer to
 */
function keepToItself (scope: FastifyInstance, schemas: Record<string, unknown>): void {
  scope.setValidatorCompiler(buildValidator(schemas as Parameters<typeof buildValidator>[0], {}) as Parameters<FastifyInstance['setValidatorCompiler']>[0])
  const serializerOf = buildSerializer(schemas, {}) as Parameters<FastifyInstance['setSerializerCompiler']>[0]
  // A refusal may be one of the app's own hook, and has its shape.
  scope.setSerializerCompiler(definition => Number(definition.httpStatus) >= 400 ? JSON.stringify : serializerOf(definition))
  scope.setSchemaErrorFormatter(describeProblems)
  scope.setErrorHandler(answerError)
  takeOnlyJson(scope)
}

async function mountWebhook (scope: FastifyInstance, engine: Engine, { path = WEBHOOK_PATH, secrets, url }: WebhookOptions, document: Document): Promise<void> {
  const hint = 'It is the signing secret of the webhook endpoint at Stripe, "whsec_...".'
  const list = (Array.isArray(secrets) ? secrets : [secrets]).map(secret => text(secret, 'webhook.secrets', hint))
  if (list.length === 0) throw new TypeError(`webhook.secrets is empty. ${hint}`)
  if (url !== undefined && !/^https?:\/\/[^\s/]/.test(url)) throw new TypeError('webhook.url must be the http or https address under which Stripe reaches the webhook.')
  await scope.register(stripeWebhookRoute, {
    path: pathOf(path, 'webhook.path'),
    secrets: list,
    stripe: needed(engine.settings.stripe),
    store: engine.receive,
    onAnswer: status => { engine.watcher.webhookAnswered(status) },
    document
  })
}

async function mountOperator (scope: FastifyInstance, engine: Engine, { operator: options = {}, webhook }: AffitorPluginOptions, document: Document): Promise<void> {
  const { onRequest, token, readToken, commissionPercent, forgetCustomer, exportCustomer } = options
  if ((onRequest === undefined) === (token === undefined)) {
    throw new TypeError('operator needs either onRequest, your hook that lets only operators pass, or token, a secret of at least 16 characters.')
  }
  if (token === undefined && readToken !== undefined) throw new TypeError('operator.readToken needs operator.token: with onRequest, your hook says who may do what.')
  const tokens = secretsOf(token, 'operator.token')
  const readTokens = secretsOf(readToken, 'operator.readToken')
  for (const [name, hook] of Object.entries({ forgetCustomer, exportCustomer })) {
    if (hook !== undefined && typeof hook !== 'function') throw new TypeError(`operator.${name} must be a function of the customer key.`)
  }
  const hooks = [onRequest ?? []].flat()
  if (hooks.some(hook => typeof hook !== 'function')) throw new TypeError('operator.onRequest must be a hook, or a list of hooks.')
  const webhookSecrets = [webhook?.secrets ?? []].flat()
  const apiPrefix = pathOf(options.apiPrefix ?? '/api/tracking', 'operator.apiPrefix')
  await scope.register(async operator => {
    // The app's hook may go by a cookie, which a browser sends along wherever a page has it.
    operator.addHook('onRequest', async request => {
      if (!onlyReads(request) && request.headers.authorization === undefined && isForeign(request, new Set())) throw new ApiError('CROSS_ORIGIN')
    })
    for (const hook of token === undefined ? hooks : [requireToken(tokens, 'OPERATOR_ONLY', { readTokens })]) operator.addHook('onRequest', hook)
    await operator.register(trackingRoutes, {
      ...engine,
      document,
      commissionPercent,
      // Loaded once somebody asks: a start has no use for it.
      readChecks: checksReader(async () => {
        const { installationChecks } = await import('./checks/index.js')
        return installationChecks(engine.installation({ webhookUrl: webhook?.url, webhookSecrets }))
      }, [engine.settings.affitor.apiKey, ...webhookSecrets]),
      async forgetCustomer (customerKey, tx) { await forgetCustomer?.(customerKey, { db: fromDrizzle(tx, sql) }) },
      exportCustomer: async customerKey => await exportCustomer?.(customerKey)
    })
  }, { prefix: apiPrefix })
  const pagePath = options.pagePath ?? '/operator'
  if (pagePath === false) return
  await scope.register(operatorPage, { path: pathOf(pagePath, 'operator.pagePath'), apiPrefix, byToken: token !== undefined })
}

/** @throws {TypeError} with a sentence */
function secretsOf (secrets: string | string[] | undefined, name: string): string[] {
  const list = [secrets ?? []].flat()
  if (secrets !== undefined && list.length === 0) throw new TypeError(`${name} is empty.`)
  if (list.some(secret => text(secret, name, '').length < 16)) throw new TypeError(`${name} must have at least 16 characters.`)
  return list
}

/** @throws {TypeError} with a sentence */
function pathOf (path: string, name: string): string {
  if (typeof path === 'string' && /^(\/[\w.~-]+)+\/?$/.test(path)) return path.replace(/\/$/, '')
  throw new TypeError(`${name} must be a path, such as "/affiliates/${name.split('.')[1]}".`)
}

const plugin: FastifyPluginAsync<AffitorPluginOptions> = async (app, options) => { await mount(app, options, ofAnyApp(options.openapi ?? true)) }
const ofContract: FastifyPluginAsync<AffitorPluginOptions> = async (app, options) => { await mount(app, { ...options, openapi: 'refs' }, asWritten) }

const ABOUT = { fastify: '5.x', name: 'fastify-affitor' }

export default fp(plugin, ABOUT)

/** The plugin in the app whose document the contract is: with the names of its operations, and its security schemes. */
export const affitorOfContract = fp(ofContract, ABOUT)
