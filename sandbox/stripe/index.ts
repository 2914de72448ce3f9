import Fastify from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { StandInLinks } from '../pages/frame.js'
import { StripeBehaviour } from './behaviour.js'
import { seedCatalog } from './catalog.js'
import type { SandboxContext } from './context.js'
import { controlRoutes } from './control/index.js'
import { createDelivery } from './delivery.js'
import { createEvents } from './events.js'
import { unixSeconds } from './ids.js'
import { stripePages } from './pages/index.js'
import { parseForm } from './params.js'
import { requestLog } from './requests.js'
import { apiRoutes } from './routes/index.js'
import type { SandboxPrice } from './sandbox-price.js'
import { clearState, emptyState, loadState, stateWriter } from './state.js'
import type { StripeState } from './state.js'

export type { EmittedEvent } from './events.js'
export type { SandboxPrice } from './sandbox-price.js'
export type { StripeState } from './state.js'

const WEBHOOK_RETRY_MS = 200

/** What a stand-in is built from. */
export interface StripeSandboxOptions {
  /** The only API key it accepts. */
  secretKey: string
  /** Signs the events (`whsec_...`). */
  webhookSecret: string
  /** Where events are sent; may be set later. Without it, events are stored and not sent. */
  webhookUrl?: string
  /** The address under which buyers reach it, for `session.url`; by default what the API request was sent to. */
  publicUrl?: string
  /** Remembers everything in this file across restarts. */
  stateFile?: string
  /** The clock of what happens; signatures always carry the machine's time. */
  now?: () => Date
  logger?: FastifyBaseLogger
  /** Further prices beside the default catalogue. */
  prices?: readonly SandboxPrice[]
  /** Where its pages lead to; asked at each view. */
  links?: () => StandInLinks
  /** The delay before the second attempt to deliver an event, in milliseconds (200); it doubles up to 5 s. */
  webhookRetryMs?: number
}

/** What a stand-in adds to its Fastify instance. */
export interface StripeSandboxHandle {
  /** Everything it remembers; read it, do not change it. */
  readonly state: StripeState
  setWebhookUrl (url: string): void
  setPublicUrl (url: string): void
}

/** A stand-in for Stripe: a Fastify instance that is ready to listen. */
export type StripeSandbox = FastifyInstance & { readonly stripe: StripeSandboxHandle }

/**
 * Builds a stand-in for Stripe's API, with a payment page and a control surface. It never listens by itself.
 * @throws Error when the state file cannot be read.
 */
export async function buildStripeSandbox (options: StripeSandboxOptions): Promise<StripeSandbox> {
  const state = emptyState()
  if (options.stateFile !== undefined) await loadState(state, options.stateFile)
  const now = options.now ?? (() => new Date())
  const seed = (): void => { seedCatalog(state, options.prices ?? [], unixSeconds(now())) }
  seed()
  let { webhookUrl, publicUrl } = options
  const writer = stateWriter(state, options.stateFile)
  const behaviour = new StripeBehaviour()
  const app = Fastify({
    ...(options.logger
      // A request's address may carry an e-mail or a customer's id.
      ? { loggerInstance: options.logger, logController: new Fastify.LogController({ disableRequestLogging: true }) }
      : { logger: false }),
    ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false } },
    routerOptions: { maxParamLength: 200, querystringParser: parseForm }
  })
  const changed = (): void => {
    writer.save().catch((error: unknown) => app.log.error({ err: error }, 'stripe sandbox: the state could not be written'))
  }
  const delivery = createDelivery({
    state,
    webhookSecret: options.webhookSecret,
    webhookUrl: () => webhookUrl,
    retryMs: options.webhookRetryMs ?? WEBHOOK_RETRY_MS,
    changed,
    log: app.log
  })
  const context: SandboxContext = {
    state,
    behaviour,
    secretKey: options.secretKey,
    requests: requestLog(),
    now,
    webhookUrl: () => webhookUrl,
    publicUrl: (host) => (publicUrl ?? `http://${host}`).replace(/\/+$/, ''),
    changed,
    saved: () => writer.save(),
    events: createEvents({
      state, delivery, now, hold: () => behaviour.current.holdWebhooks === true, webhookUrl: () => webhookUrl, changed
    })
  }
  const reset = (): void => {
    delivery.cancel()
    clearState(state)
    context.requests.clear()
    seed()
  }
  await app.register(apiRoutes, { prefix: '/v1', context })
  await app.register(controlRoutes, { prefix: '/_sandbox', context, reset })
  await app.register(stripePages, { context, links: options.links ?? (() => ({})) })
  app.addHook('onReady', async () => { delivery.resume() })
  app.addHook('preClose', async () => { delivery.close() })
  app.addHook('onClose', async () => { await writer.save() })
  const stripe: StripeSandboxHandle = {
    state,
    setWebhookUrl (url) {
      webhookUrl = url
      delivery.resume()
    },
    setPublicUrl (url) { publicUrl = url }
  }
  const ready: FastifyInstance = await app
  return Object.assign(ready, { stripe })
}
