import { Type } from '@sinclair/typebox'
import type { Static, TSchema } from '@sinclair/typebox'
import { envSchema } from 'env-schema'
import type { Variables } from '../environment.js'

/** A comma-separated list. */
function list (options: { description: string, examples?: string[], default?: string }) {
  return Type.Unsafe<string[]>({ type: 'string', separator: ',', ...options })
}

function url (description: string, fallback?: string) {
  return Type.String({ pattern: '^https?://\\S+$', description, ...(fallback === undefined ? {} : { default: fallback }) })
}

/** Marks every made-up secret of sandbox mode; production refuses values that contain it. */
export const SANDBOX_MARK = 'sandbox'

/** The environment: the one place that names a variable, its bounds and what it is for. */
export const Environment = Type.Object({
  NODE_ENV: Type.Union([Type.Literal('development'), Type.Literal('test'), Type.Literal('production')], {
    default: 'development', description: '`production` refuses sandbox secrets and incomplete configuration.'
  }),
  HOST: Type.String({ default: '127.0.0.1', description: 'Address to listen on. `0.0.0.0` in a container.' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 3000, description: 'Port to listen on; 0 takes any free one.' }),
  LOG_LEVEL: Type.Union(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map(level => Type.Literal(level)), {
    default: 'info', description: 'Least severe level that is logged.'
  }),
  PUBLIC_URL: Type.Optional(url('Address under which browsers reach this service. Default: `http://localhost:PORT`.')),
  CORS_ORIGINS: list({ default: '', description: 'Origins whose pages may call the API, comma-separated. None by default.', examples: ['https://app.example.com'] }),
  TRUST_PROXY: Type.Integer({ minimum: 0, maximum: 10, default: 0, description: 'How many proxies stand in front: the caller\'s address is the one that the outermost of them appended to `X-Forwarded-For`. 0: the connection\'s own.' }),

  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description: 'PostgreSQL connection string. `npm start` and the other commands of the repository do without it, except in production: they share an embedded PostgreSQL in `DATA_DIR`. TLS: `?sslmode=verify-full` and, for an authority of your own, `&sslrootcert=/path/ca.pem`; `?sslmode=no-verify` takes any certificate; `require` is `verify-full` here.' })),
  DATABASE_DIRECT_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://', description: 'Where `DATABASE_URL` leads to a connection pooler (PgBouncer and the like): the connection string of PostgreSQL itself. Migrations go there, and one connection of each process that runs workers: new work is announced by it, where else it is looked for twice a second.' })),
  DATABASE_POOL_SIZE: Type.Integer({ minimum: 2, maximum: 500, default: 20, description: 'Most database connections of one process.' }),
  RETENTION_DAYS: Type.Integer({ minimum: 0, maximum: 36_500, default: 365, description: 'Days after which stored Stripe events, delivery attempts and checkouts are deleted once nothing waits for them; 0 keeps them. At least 31: Stripe may send an event again for 30 days. The facts themselves are kept: by them nothing is counted twice.' }),
  DATA_DIR: Type.String({ default: '.data', description: 'Directory of the embedded PostgreSQL and of the stand-ins: `sandbox` in it is the sandbox\'s, `live` that of real accounts.' }),

  AFFITOR_API_KEY: Type.Optional(Type.String({ pattern: '^[!-~]+$', description: 'The program\'s tracking key from Affitor, `aff_...`; management keys (`affk_...`) are refused there.' })),
  AFFITOR_PROGRAM_ID: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]+$', description: 'Program id from Affitor.' })),
  AFFITOR_API_URL: url('Affitor\'s API.', 'https://api.affitor.com'),
  AFFITOR_TEST_MODE: Type.Optional(Type.Boolean({ description: 'Mark every call as a test, which earns nobody a commission. Default: true with a Stripe test key, false with a live one.' })),
  AFFITOR_SALE_SOURCE: Type.Union([Type.Literal('webhook'), Type.Literal('connect')], {
    default: 'webhook', description: '`connect` when Affitor records sales itself through Stripe Connect: ours are then skipped, never both.'
  }),
  SALE_AMOUNT: Type.Union([Type.Literal('gross'), Type.Literal('net_of_tax')], {
    default: 'gross', description: 'Whether Affitor is told amounts with tax, as it asks for, or without.'
  }),
  SALE_CURRENCIES: list({ default: 'USD,EUR,VND', description: 'Currencies that Affitor takes, comma-separated. A sale in another one needs attention.' }),
  COUNT_UPGRADES: Type.Boolean({ default: true, description: 'Count payments for a change of a subscription in mid-cycle as sales.' }),
  COUNT_OUT_OF_BAND_PAYMENTS: Type.Boolean({ default: true, description: 'Count invoices that were paid outside of Stripe as sales.' }),
  SEND_PRODUCT_ID: Type.Boolean({ default: true, description: 'Tell Affitor which Stripe product was bought: its commission policies may differ by product.' }),

  STRIPE_SECRET_KEY: Type.Optional(Type.String({ pattern: '^(sk|rk)_(test|live)_\\S+$', description: 'Stripe secret or restricted key.' })),
  STRIPE_WEBHOOK_SECRET: Type.Optional(list({ description: 'Signing secret of the webhook endpoint; two, comma-separated, while rotating.', examples: ['whsec_...'] })),
  STRIPE_API_URL: url('Stripe\'s API.', 'https://api.stripe.com'),
  STRIPE_CONNECTED_ACCOUNTS: list({ default: '', description: 'Connected accounts (Stripe Connect) whose payments are sales of ours too, comma-separated. Events of others are stored and not counted.', examples: ['acct_1Nv0FGQ9RKHgCVdK'] }),
  CHECKOUT_PRICE_IDS: list({ default: '', description: 'Prices that may be bought, comma-separated. Empty: any price of the Stripe account.' }),
  CHECKOUT_SUCCESS_URL: Type.Optional(url('Where Stripe sends the buyer after paying; `{CHECKOUT_SESSION_ID}` is replaced. Default: `PUBLIC_URL/checkout/success?session_id={CHECKOUT_SESSION_ID}`. Required in production.')),
  CHECKOUT_CANCEL_URL: Type.Optional(url('Where Stripe sends a buyer who turns back. Default: `PUBLIC_URL/checkout/cancel`. Required in production.')),

  STOREFRONT: Type.Optional(Type.Boolean({ description: 'Serve the example storefront: `/`, `/checkout/success` and `/checkout/cancel`. Default: true, and false in production.' })),
  COMMISSION_PERCENT: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'What partners earn of a sale, in percent. Affitor does not tell it; with it the operator page estimates commissions.' })),

  SESSION_SECRET: Type.Optional(Type.String({ minLength: 32, description: 'Signs access tokens. At least 32 characters, e.g. from `openssl rand -hex 32`.' })),
  ADMIN_TOKEN: Type.Optional(list({ description: 'Bearer token of the operator routes, at least 16 characters; several, comma-separated, for several people or while rotating.' })),
  ADMIN_READ_TOKEN: Type.Optional(list({ description: 'Bearer token of operators who only look: what changes something is answered 403. At least 16 characters; several, comma-separated. None by default.' })),
  API_TOKEN: Type.Optional(list({ description: 'Bearer token of other backends, which report leads, sales and refunds. At least 16 characters; several, comma-separated, one for each backend or while rotating. Without it those routes answer 401.' })),
  METRICS_TOKEN: Type.Optional(list({ description: 'Bearer token of `GET /metrics`, for Prometheus. At least 16 characters; several, comma-separated, while rotating. Without it there are no metrics, and the address is not there.' })),
  METRICS_PORT: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, description: 'Port on which a process of the workers alone (`npm run worker`) answers `GET /metrics`, on `HOST`; 0 takes any free one. Without it, it listens nowhere. The API answers on its own port.' })),
  API_RATE_LIMIT_PER_MINUTE: Type.Integer({ minimum: 0, default: 6_000, description: 'Requests with one `API_TOKEN` per minute, in each process. 0 turns the limit off.' }),
  RATE_LIMIT_PER_MINUTE: Type.Integer({ minimum: 0, default: 20, description: 'Signups and logins per address and minute, in each process. One account may be tried three times as often, from all addresses together. 0 turns both limits off.' }),
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({ minimum: 0, default: 1_000, description: 'Event loop delay from which on requests are answered 503, in milliseconds; 0 turns this off.' }),
  SHUTDOWN_DELAY_MS: Type.Optional(Type.Integer({ minimum: 0, maximum: 15_000, description: 'Milliseconds from SIGTERM until new connections are refused; meanwhile `/health/ready` answers 503, and each answer ends its connection. As long as a load balancer takes to notice. Default: 5000 in production, else 0.' })),

  ALERT_WEBHOOK_URL: Type.Optional(Type.String({ pattern: '^https?://[^\\s/?#@]+([/?#]\\S*)?$', description: 'Is sent a JSON message by POST, such as Slack\'s incoming webhooks take, when something needs attention, delivery pauses, or a fact has waited for an hour: at most once an hour for each, and once when it is over. A secret. None by default.' })),

  WORKERS: Type.Boolean({ default: true, description: 'Run the workers inside the API process. `false` when `npm run worker` runs them.' }),
  DELIVERY_CONCURRENCY: Type.Integer({ minimum: 1, maximum: 256, default: 8, description: 'Most calls to Affitor at once, per process.' }),
  DELIVERY_TIMEOUT_MS: Type.Integer({ minimum: 100, maximum: 120_000, default: 10_000, description: 'Longest wait for one answer of Affitor, in milliseconds.' }),
  DELIVERY_RETRY_BASE_MS: Type.Integer({ minimum: 1, maximum: 600_000, default: 1_000, description: 'Backoff before the first retry, in milliseconds; doubles with each, with full jitter.' }),
  DELIVERY_RETRY_CAP_MS: Type.Integer({ minimum: 1, maximum: 86_400_000, default: 3_600_000, description: 'Longest backoff, in milliseconds.' }),
  DELIVERY_MAX_AGE_HOURS: Type.Number({ exclusiveMinimum: 0, maximum: 720, default: 72, description: 'Hours of retrying before an event needs attention.' })
})

type Environment = Static<typeof Environment>

/** What is optional in the environment, and always known once the configuration is loaded. */
type Resolved = 'DATABASE_URL' | 'PUBLIC_URL' | 'SHUTDOWN_DELAY_MS' | 'STOREFRONT' | 'AFFITOR_API_KEY' | 'AFFITOR_PROGRAM_ID' | 'AFFITOR_TEST_MODE' | 'STRIPE_SECRET_KEY' |
  'STRIPE_WEBHOOK_SECRET' | 'CHECKOUT_SUCCESS_URL' | 'CHECKOUT_CANCEL_URL' | 'SESSION_SECRET' | 'ADMIN_TOKEN' | 'ADMIN_READ_TOKEN' | 'API_TOKEN' | 'METRICS_TOKEN'

export type Config = Readonly<Omit<Environment, Resolved> & Required<Omit<Pick<Environment, Resolved>, 'ADMIN_TOKEN'>> & {
  ADMIN_TOKEN: [string, ...string[]]
  /** `sandbox`: local stand-ins take the place of Affitor and Stripe. */
  mode: 'sandbox' | 'live'
  /** True when the Stripe key is a live one: events of the other mode are not counted. */
  livemode: boolean
  /** Of a sandbox: accounts were begun to be configured, and these variables are missing for the real ones to be used. */
  missing?: string[]
  /** What a person does to have another database, if not to set `DATABASE_URL`. */
  otherDatabase?: string
}>

/** A configuration, and what ends after its last use. */
export interface ProvidedConfig {
  config: Config
  release (): Promise<void>
}

/** A configuration that cannot be used; the message lists every problem. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: string[]
  constructor (problems: string[]) {
    super(`The configuration cannot be used:\n${problems.map(problem => `  - ${problem}`).join('\n')}\n` +
      'Each variable is explained in docs/environment.md.')
    this.problems = problems
  }
}

/** Two looks of a load balancer that looks every two seconds, and some, in milliseconds. */
const PRODUCTION_SHUTDOWN_DELAY_MS = 5_000

const STRIPE_KEYS = ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] as const
const AFFITOR_KEYS = ['AFFITOR_API_KEY', 'AFFITOR_PROGRAM_ID'] as const
const ACCOUNT_KEYS = [...STRIPE_KEYS, ...AFFITOR_KEYS] as const
const OWN_SECRETS = ['SESSION_SECRET', 'ADMIN_TOKEN'] as const
const TOKENS = ['ADMIN_TOKEN', 'ADMIN_READ_TOKEN', 'API_TOKEN', 'METRICS_TOKEN'] as const
const REQUIRED_IN_PRODUCTION = ['PUBLIC_URL', 'CHECKOUT_SUCCESS_URL', 'CHECKOUT_CANCEL_URL'] as const

/**
 * Checks the environment and fills in what follows from it.
 * @throws {ConfigError} listing every missing, malformed or contradictory variable
 */
export function loadConfig (variables: Variables): Config {
  const all = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''))
  const production = all.NODE_ENV === 'production'
  // Stripe's keys make the difference: Affitor's command writes its own long before anybody has those.
  const mode = !production && STRIPE_KEYS.every(key => all[key] === undefined) ? 'sandbox' : 'live'
  const begun = mode === 'sandbox' && AFFITOR_KEYS.some(key => all[key] !== undefined)
  const missing = begun ? [...ACCOUNT_KEYS, ...OWN_SECRETS].filter(key => all[key] === undefined) : undefined
  const given = begun ? withoutAffitor(all) : all
  const complete = mode === 'sandbox' ? { ...sandboxVariables(Number(given.PORT ?? 3000)), ...given } : given

  const problems: string[] = []
  if (all.AFFITOR_API_KEY?.startsWith('affk_') === true) {
    problems.push('AFFITOR_API_KEY is a management key ("affk_..."), which tracking calls are answered 401 for. Set the program\'s tracking key ("aff_...").')
  }
  const required = ['DATABASE_URL', ...(mode === 'live' ? [...ACCOUNT_KEYS, ...OWN_SECRETS] : []), ...(production ? REQUIRED_IN_PRODUCTION : [])]
  problems.push(...required.filter(key => given[key] === undefined).map(key => `${key} is missing. ${describe(key)}`))
  let environment: Environment | undefined
  try {
    environment = envSchema<Environment>({ schema: structuredClone(Environment) as TSchema, data: { ...complete }, env: false })
  } catch (error) {
    problems.push(...explain(error, complete))
  }
  if (environment !== undefined) problems.push(...contradictions(environment, mode, production))
  if (problems.length > 0 || environment === undefined) throw new ConfigError(problems)
  return Object.freeze({ ...resolve(environment as Complete, mode), ...(missing && { missing }) })
}

/** The real account's variables are not for the stand-in. */
function withoutAffitor (variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => ![...AFFITOR_KEYS, 'AFFITOR_API_URL', 'AFFITOR_TEST_MODE'].includes(name)))
}

/** What `npm start` uses without any account; the stand-ins listen on the two ports after ours. */
function sandboxVariables (port: number): Variables {
  return {
    STRIPE_SECRET_KEY: `sk_test_${SANDBOX_MARK}`,
    STRIPE_WEBHOOK_SECRET: `whsec_${SANDBOX_MARK}`,
    STRIPE_API_URL: `http://127.0.0.1:${port + 2}`,
    AFFITOR_API_KEY: `${SANDBOX_MARK}-affitor-key`,
    AFFITOR_PROGRAM_ID: '42',
    AFFITOR_API_URL: `http://127.0.0.1:${port + 1}`,
    // The stand-in's partner earns this share.
    COMMISSION_PERCENT: '20',
    // Test records earn no commission, and the stand-in pays nobody anyway.
    AFFITOR_TEST_MODE: 'false',
    SESSION_SECRET: `${SANDBOX_MARK}-session-secret-of-this-machine`,
    ADMIN_TOKEN: `${SANDBOX_MARK}-admin-token`,
    API_TOKEN: `${SANDBOX_MARK}-api-token`,
    METRICS_TOKEN: `${SANDBOX_MARK}-metrics-token`
  }
}

function contradictions (environment: Environment, mode: Config['mode'], production: boolean): string[] {
  const problems: string[] = []
  const livemode = isLiveKey(environment.STRIPE_SECRET_KEY)
  if (livemode && environment.AFFITOR_TEST_MODE === true) {
    problems.push('AFFITOR_TEST_MODE is true with a live Stripe key: real sales would earn no commission. Remove it, or use a Stripe test key.')
  }
  if (!livemode && environment.AFFITOR_TEST_MODE === false && mode === 'live') {
    problems.push('AFFITOR_TEST_MODE is false with a Stripe test key: test payments would earn real commissions. Remove it, or use a live key.')
  }
  if (mode === 'sandbox') {
    if (environment.PORT > 65_533) problems.push('PORT must be 65533 or less: the stand-ins of the sandbox listen on the two ports after it.')
    for (const key of ['AFFITOR_API_URL', 'STRIPE_API_URL'] as const) {
      const real = new URL(String(Environment.properties[key].default)).host
      if (URL.canParse(environment[key]) && new URL(environment[key]).host === real) {
        problems.push(`${key} is that of real accounts, and without their keys this is a sandbox. Remove it, or set ${ACCOUNT_KEYS.join(', ')}.`)
      }
    }
  }
  if (environment.RETENTION_DAYS > 0 && environment.RETENTION_DAYS < 31) {
    problems.push('RETENTION_DAYS must be 0 (keep everything) or at least 31: Stripe may send an event again for 30 days.')
  }
  if (environment.DELIVERY_RETRY_BASE_MS > environment.DELIVERY_RETRY_CAP_MS) {
    problems.push('DELIVERY_RETRY_BASE_MS is greater than DELIVERY_RETRY_CAP_MS.')
  }
  const tokens = TOKENS.flatMap(name => entries(environment[name] ?? []).map(token => ({ name, token })))
  for (const name of TOKENS) {
    const own = tokens.filter(token => token.name === name)
    if (environment[name] !== undefined && (own.length === 0 || own.some(({ token }) => token.length < 16))) problems.push(`${name} must have at least 16 characters. ${describe(name)}`)
  }
  for (const { name, token } of tokens) {
    const twin = tokens.find(other => other.token === token)
    if (twin !== undefined && twin.name !== name) problems.push(`${name} is the same as ${twin.name}: each opens routes of its own. Give it a value of its own.`)
  }
  if (environment.METRICS_PORT !== undefined && environment.METRICS_TOKEN === undefined) {
    problems.push('METRICS_PORT is set, and METRICS_TOKEN is not: without a token there are no metrics. Set both, or neither.')
  }
  if (production) {
    for (const key of [...ACCOUNT_KEYS, 'SESSION_SECRET', ...TOKENS] as const) {
      if (String(environment[key] ?? '').includes(SANDBOX_MARK)) problems.push(`${key} is a sandbox value; production needs a real one.`)
    }
  }
  return problems
}

/** What is required is there, and the rest has its default. */
type Complete = Environment & Required<Pick<Environment, 'DATABASE_URL' | typeof ACCOUNT_KEYS[number] | typeof OWN_SECRETS[number]>>

function resolve (environment: Complete, mode: Config['mode']): Config {
  const livemode = isLiveKey(environment.STRIPE_SECRET_KEY)
  const publicUrl = (environment.PUBLIC_URL ?? `http://localhost:${environment.PORT}`).replace(/\/+$/, '')
  return {
    ...environment,
    STRIPE_WEBHOOK_SECRET: entries(environment.STRIPE_WEBHOOK_SECRET),
    ADMIN_TOKEN: entries(environment.ADMIN_TOKEN) as Config['ADMIN_TOKEN'],
    ADMIN_READ_TOKEN: entries(environment.ADMIN_READ_TOKEN ?? []),
    API_TOKEN: entries(environment.API_TOKEN ?? []),
    METRICS_TOKEN: entries(environment.METRICS_TOKEN ?? []),
    CORS_ORIGINS: entries(environment.CORS_ORIGINS),
    CHECKOUT_PRICE_IDS: entries(environment.CHECKOUT_PRICE_IDS),
    STRIPE_CONNECTED_ACCOUNTS: entries(environment.STRIPE_CONNECTED_ACCOUNTS),
    AFFITOR_TEST_MODE: environment.AFFITOR_TEST_MODE ?? !livemode,
    PUBLIC_URL: publicUrl,
    SHUTDOWN_DELAY_MS: environment.SHUTDOWN_DELAY_MS ?? (environment.NODE_ENV === 'production' ? PRODUCTION_SHUTDOWN_DELAY_MS : 0),
    STOREFRONT: environment.STOREFRONT ?? environment.NODE_ENV !== 'production',
    CHECKOUT_SUCCESS_URL: environment.CHECKOUT_SUCCESS_URL ?? `${publicUrl}/checkout/success?session_id={CHECKOUT_SESSION_ID}`,
    CHECKOUT_CANCEL_URL: environment.CHECKOUT_CANCEL_URL ?? `${publicUrl}/checkout/cancel`,
    mode,
    livemode
  }
}

/** A comma-separated list may have spaces, and a comma at its end. */
function entries (list: string[]): string[] {
  return list.map(entry => entry.trim()).filter(entry => entry !== '')
}

function isLiveKey (key: string | undefined): boolean {
  return /^(sk|rk)_live_/.test(key ?? '')
}

function describe (key: string): string {
  return String((Environment.properties as Record<string, TSchema>)[key]?.description ?? '')
}

interface AjvProblem { instancePath: string, message?: string, params?: { allowedValue?: unknown }, keyword: string }

/** One sentence a variable, without its value: it may be a secret. */
function explain (error: unknown, variables: Variables): string[] {
  const { errors } = error as { errors?: AjvProblem[] }
  if (!Array.isArray(errors)) throw error
  const names = new Set(errors.map(problem => problem.instancePath.slice(1)).filter(name => name in variables))
  return [...names].map(name => {
    const schema = (Environment.properties as Record<string, TSchema>)[name]
    const choices = (schema?.anyOf as Array<{ const: string }> | undefined)?.map(choice => choice.const)
    const message = choices !== undefined
      ? `must be one of ${choices.join(', ')}`
      : errors.filter(problem => problem.instancePath === `/${name}`).map(problem => problem.message).join(', ')
    return `${name} ${message}. ${describe(name)}`
  })
}
