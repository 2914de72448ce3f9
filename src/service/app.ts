import type { Server } from 'node:http'
import Fastify from 'fastify'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { DestinationStream } from 'pino'
import type { Config } from './config.js'
import { httpServerOptions } from './http-server.js'
import { loggerOptions } from './logger.js'
import { openRegistry } from './metrics.js'
import auth, { sessionCookieName } from './plugins/auth.js'
import crossOrigin from './plugins/cross-origin.js'
import database from './plugins/database.js'
import drain from './plugins/drain.js'
import errorHandler from './plugins/error-handler.js'
import foreignTokens from './plugins/foreign-tokens.js'
import openapi from './plugins/openapi.js'
import requestId, { requestIdOf } from './plugins/request-id.js'
import security from './plugins/security.js'
import stripe from './plugins/stripe.js'
import { openDatabase } from '../db/pool.js'
import { buildSerializer } from '../http/serialization.js'
import { buildValidator, describeProblems, takeOnlyJson } from '../http/validation.js'
import assets from '../pages/assets.js'
import { affitorOfContract } from '../plugin.js'
import storefront from './storefront/index.js'
import checkoutRoute from './routes/checkout.js'
import factRoutes from './routes/facts/index.js'
import healthRoutes from './routes/health.js'
import loginRoute from './routes/login.js'
import logoutRoute from './routes/logout.js'
import metricsRoute from './routes/metrics.js'
import signupRoute from './routes/signup.js'
import { exportUser, forgetUser } from './users/personal-data.js'
import { WEBHOOK_PATH } from '../stripe/webhook-endpoint.js'
import { VERSION } from '../version.js'
import { docsSandbox } from './openapi/docs-sandbox.js'
import { affitorOptions } from './affitor-options.js'

export interface AppOverrides extends FastifyHttpOptions<Server> {
  /** Takes the log's lines instead of standard output. */
  logStream?: DestinationStream
  /** Longest wait for one answer of Stripe, in milliseconds. */
  stripeTimeoutMs?: number
  /** Longest that a buyer waits for Stripe at checkout, in milliseconds. */
  checkoutLimitMs?: number
}

/** The service, composed from its plugins and routes. It never listens by itself. */
export async function buildApp (config: Config, { logStream, stripeTimeoutMs, checkoutLimitMs, ...overrides }: AppOverrides = {}): Promise<FastifyInstance> {
  const https = config.PUBLIC_URL.startsWith('https:')
  const secureCookie = config.NODE_ENV === 'production'
  const app = Fastify({
    logger: loggerOptions(config, logStream),
    // Proxies append to what the caller sent: what is further left than their number may be made up.
    trustProxy: (_address, hop) => hop < config.TRUST_PROXY,
    // The longest parameter, a customer key, has 200 characters; the router counts an emoji as two.
    routerOptions: { maxParamLength: 400 },
    schemaController: { compilersFactory: { buildValidator, buildSerializer } },
    schemaErrorFormatter: describeProblems,
    genReqId: requestIdOf,
    ...httpServerOptions(https),
    ...overrides
  }).withTypeProvider<TypeBoxTypeProvider>()

  await app.register(errorHandler)
  await app.register(requestId)
  await app.register(drain, { delayMs: config.SHUTDOWN_DELAY_MS })
  takeOnlyJson(app)
  await app.register(security, { corsOrigins: config.CORS_ORIGINS, https, maxEventLoopDelayMs: config.MAX_EVENT_LOOP_DELAY_MS })
  const { pool, db } = openDatabase({
    connectionString: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    onIdleError: error => { app.log.warn({ err: error }, 'A database connection broke') }
  })
  await app.register(database, { pool, db })
  await app.register(stripe, { secretKey: config.STRIPE_SECRET_KEY, apiUrl: config.STRIPE_API_URL, timeoutMs: stripeTimeoutMs })
  await app.register(auth, {
    sessionSecret: config.SESSION_SECRET,
    secureCookie
  })
  await app.register(crossOrigin, {
    origins: [...config.CORS_ORIGINS, new URL(config.PUBLIC_URL).origin],
    sessionCookie: sessionCookieName(secureCookie),
    notForBrowsers: [WEBHOOK_PATH]
  })
  await app.register(foreignTokens, { tokens: { operatorToken: [...config.ADMIN_TOKEN, ...config.ADMIN_READ_TOKEN], apiToken: config.API_TOKEN } })
  await app.register(openapi, {
    version: VERSION,
    publicUrl: config.PUBLIC_URL,
    sessionCookie: sessionCookieName(secureCookie),
    sandbox: config.mode === 'sandbox' ? docsSandbox(config) : undefined
  })

  await app.register(signupRoute, { rateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE })
  await app.register(loginRoute, { rateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE })
  await app.register(logoutRoute)
  await app.register(checkoutRoute, {
    livemode: config.livemode,
    priceIds: config.CHECKOUT_PRICE_IDS,
    successUrl: config.CHECKOUT_SUCCESS_URL,
    cancelUrl: config.CHECKOUT_CANCEL_URL,
    limitMs: checkoutLimitMs
  })
  const metrics = await openRegistry(config.METRICS_TOKEN)
  await app.register(affitorOfContract, {
    ...affitorOptions(config, { database: pool, stripe: app.stripe, logger: app.log, registry: metrics?.registry }),
    webhook: { secrets: config.STRIPE_WEBHOOK_SECRET, path: WEBHOOK_PATH, url: config.PUBLIC_URL + WEBHOOK_PATH },
    operator: {
      token: config.ADMIN_TOKEN,
      readToken: config.ADMIN_READ_TOKEN.length > 0 ? config.ADMIN_READ_TOKEN : undefined,
      commissionPercent: config.COMMISSION_PERCENT,
      forgetCustomer: (userId, options) => forgetUser(options.db, userId),
      exportCustomer: userId => exportUser(db, userId)
    }
  })
  await app.register(factRoutes, {
    tokens: config.API_TOKEN,
    rateLimitPerMinute: config.API_RATE_LIMIT_PER_MINUTE,
    webhookSecrets: config.STRIPE_WEBHOOK_SECRET
  })
  await app.register(healthRoutes)
  if (metrics !== undefined) await app.register(metricsRoute, metrics)

  if (config.STOREFRONT) {
    await app.register(assets, { path: '/assets' })
    await app.register(storefront, {
      basePath: new URL(config.PUBLIC_URL).pathname.replace(/\/$/, ''),
      affitorApiUrl: config.AFFITOR_API_URL,
      programId: config.AFFITOR_PROGRAM_ID,
      priceIds: config.CHECKOUT_PRICE_IDS,
      sandbox: config.mode === 'sandbox' ? { stripeUrl: config.STRIPE_API_URL, affitorUrl: config.AFFITOR_API_URL } : undefined
    })
  }
  return app
}
