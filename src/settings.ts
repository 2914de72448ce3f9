import type { Registry } from 'prom-client'
import type Stripe from 'stripe'
import type { AffitorOptions, AlertOptions, MetricsOptions, PgPool } from './options.js'
import type { InterpretSettings } from './stripe/interpret/interpretation.js'
import type { WorkersOptions } from './workers/index.js'

/** Options that were checked, with their defaults. */
export interface Settings {
  database: PgPool | string
  directDatabase: string | undefined
  stripe: Stripe | undefined
  affitor: { apiKey: string, apiUrl: string, testMode: boolean }
  interpret: InterpretSettings
  delivery: WorkersOptions['delivery']
  retentionDays: number
  alerts: WorkersOptions['alerts']
  metricsRegistry: Registry | undefined
  workers: boolean
  migrate: boolean | 'unchecked'
}

/** Affitor's own API. */
export const AFFITOR_API = 'https://api.affitor.com'

/**
 * Checks the options, and fills in what is not given.
 * @throws {TypeError} with one sentence that names the option and says what to do
 */
export function readOptions (options: AffitorOptions): Settings {
  const { affitor, sales = {}, delivery = {}, livemode = true, retentionDays = 365 } = options
  const apiKey = text(affitor?.apiKey, 'affitor.apiKey', 'It is the program\'s tracking key from Affitor, "aff_...".')
  if (apiKey.startsWith('affk_')) {
    throw new TypeError('affitor.apiKey is a management key ("affk_..."), which tracking calls are answered 401 for: give the program\'s tracking key ("aff_...").')
  }
  const programId = text(affitor.programId, 'affitor.programId', 'It is the program\'s id from Affitor, as a text.')
  const apiUrl = url(affitor.apiUrl ?? AFFITOR_API, 'affitor.apiUrl')
  const testMode = affitor.testMode ?? !livemode
  if (livemode && testMode) {
    throw new TypeError('affitor.testMode is true and livemode is true: real sales would earn no commission. Leave testMode out, or set livemode to false with a Stripe test key.')
  }
  if (!livemode && !testMode && new URL(apiUrl).host === new URL(AFFITOR_API).host) {
    throw new TypeError('affitor.testMode is false and livemode is false: test payments would earn real commissions. Leave testMode out, or set livemode to true with a Stripe live key.')
  }
  if (delivery.timeoutMs !== undefined && affitor.timeoutMs !== undefined && delivery.timeoutMs !== affitor.timeoutMs) {
    throw new TypeError('affitor.timeoutMs and delivery.timeoutMs are the same setting and differ: give one of them.')
  }
  if (retentionDays > 0 && retentionDays < 31) throw new TypeError('retentionDays must be 0 (keep everything) or at least 31: Stripe may send an event again for 30 days.')
  const retryBaseMs = whole(delivery.retryBaseMs ?? 1_000, 'delivery.retryBaseMs', 1)
  const retryCapMs = whole(delivery.retryCapMs ?? 3_600_000, 'delivery.retryCapMs', 1)
  if (retryBaseMs > retryCapMs) throw new TypeError('delivery.retryBaseMs is greater than delivery.retryCapMs.')
  return {
    database: database(options.database),
    directDatabase: directDatabase(options.directDatabase),
    stripe: stripeClient(options.stripe),
    affitor: { apiKey, apiUrl, testMode },
    interpret: {
      programId,
      livemode,
      saleSource: oneOf(affitor.saleSource ?? 'webhook', 'affitor.saleSource', ['webhook', 'connect']),
      saleAmount: oneOf(sales.amount ?? 'gross', 'sales.amount', ['gross', 'net_of_tax']),
      countUpgrades: sales.countUpgrades ?? true,
      countOutOfBandPayments: sales.countOutOfBandPayments ?? true,
      sendProductId: sales.productId ?? true,
      connectedAccounts: new Set(sales.connectedAccounts),
      currencies: new Set((sales.currencies ?? ['USD', 'EUR', 'VND']).map(currency => currency.trim().toUpperCase()))
    },
    delivery: {
      concurrency: whole(delivery.concurrency ?? 8, 'delivery.concurrency', 1),
      timeoutMs: whole(delivery.timeoutMs ?? affitor.timeoutMs ?? 10_000, 'delivery.timeoutMs', 1),
      retryBaseMs,
      retryCapMs,
      maxAgeSeconds: positive(delivery.maxAgeHours ?? 72, 'delivery.maxAgeHours') * 3_600
    },
    retentionDays: whole(retentionDays, 'retentionDays', 0),
    alerts: alertTarget(options.alerts),
    metricsRegistry: metricsRegistry(options.metrics),
    workers: options.workers ?? true,
    migrate: oneOf(options.migrate ?? true, 'migrate', [true, false, 'unchecked'])
  }
}

/** A text that must be there. @throws {TypeError} */
export function text (value: string | undefined, name: string, hint: string): string {
  if (value === undefined || value === null || value === '') throw new TypeError(`${name} is missing. ${hint}`)
  if (typeof value !== 'string') throw new TypeError(`${name} must be a text. ${hint}`)
  if (!/^[!-~]+$/.test(value)) throw new TypeError(`${name} has a character that it cannot have, such as a space or a line break. ${hint}`)
  return value
}

function database (value: AffitorOptions['database']): Settings['database'] {
  const hint = 'Give your pg.Pool, or a connection string ("postgres://...").'
  if (value === undefined || value === null || value === '') throw new TypeError(`database is missing. ${hint}`)
  if (typeof value === 'string') {
    if (/^postgres(ql)?:\/\//.test(value)) return value
    throw new TypeError(`database is not a connection string. ${hint}`)
  }
  // A single client cannot run two transactions at once.
  if (typeof value.connect !== 'function' || typeof value.query !== 'function' || !('totalCount' in value)) throw new TypeError(`database is no pool of pg. ${hint}`)
  return value
}

function directDatabase (value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^postgres(ql)?:\/\//.test(value))) return value
  throw new TypeError('directDatabase is not a connection string. Give that of PostgreSQL itself ("postgres://..."), or leave it out.')
}

function stripeClient (value: Stripe | undefined): Stripe | undefined {
  if (value === undefined || typeof value.webhooks?.constructEvent === 'function') return value
  throw new TypeError('stripe must be a client of the stripe package: new Stripe(secretKey).')
}

function url (value: string, name: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) throw new TypeError(`${name} must be an http or https address.`)
  return value.replace(/\/+$/, '')
}

function alertTarget ({ webhookUrl, operatorUrl }: AlertOptions = {}): Settings['alerts'] {
  if (webhookUrl === undefined) return undefined
  url(webhookUrl, 'alerts.webhookUrl')
  const { username, password } = new URL(webhookUrl)
  if (username !== '' || password !== '') throw new TypeError('alerts.webhookUrl has a user name or a password, which no request is made with. Leave them out.')
  return { webhookUrl, operatorUrl: operatorUrl === undefined ? undefined : url(operatorUrl, 'alerts.operatorUrl') }
}

function metricsRegistry (options: MetricsOptions | undefined): Registry | undefined {
  if (options === undefined) return undefined
  const { registry } = options
  if (typeof registry?.registerMetric === 'function') return registry as Registry
  throw new TypeError('metrics.registry must be a registry of prom-client: its register, or new Registry().')
}

function whole (value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TypeError(`${name} must be a whole number from ${least} on.`)
}

function positive (value: number, name: string): number {
  if (Number.isFinite(value) && value > 0) return value
  throw new TypeError(`${name} must be a number above 0.`)
}

function oneOf<T> (value: T, name: string, choices: readonly T[]): T {
  if (choices.includes(value)) return value
  throw new TypeError(`${name} must be one of: ${choices.join(', ')}.`)
}
