import type { TSchema } from '@sinclair/typebox'
import { ConfigError, Environment, loadConfig } from '../../src/service/config.js'

type Name = keyof typeof Environment.properties

const introduction = `# Generated from src/service/config.ts by \`npm run generate\`. Copy to .env and fill in.
#
# To try the program, leave everything as it is: it starts in sandbox mode, with local stand-ins for Stripe and
# Affitor. To run it for real, fill in what is empty below; what is commented out shows its default.
# docs/environment.md lists the allowed values.
`

/** In the order in which somebody who sets the program up meets them. */
const groups: Array<[title: string, names: Name[]]> = [
  ['Stripe', ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']],
  ['Affitor', ['AFFITOR_API_KEY', 'AFFITOR_PROGRAM_ID', 'AFFITOR_TEST_MODE', 'AFFITOR_SALE_SOURCE']],
  ['Secrets of this service', ['SESSION_SECRET', 'ADMIN_TOKEN', 'ADMIN_READ_TOKEN', 'API_TOKEN']],
  ['Addresses and checkout', ['PUBLIC_URL', 'CHECKOUT_SUCCESS_URL', 'CHECKOUT_CANCEL_URL', 'CHECKOUT_PRICE_IDS', 'CORS_ORIGINS']],
  ['Pages', ['STOREFRONT', 'COMMISSION_PERCENT']],
  ['Database', ['DATABASE_URL', 'DATABASE_DIRECT_URL', 'DATABASE_POOL_SIZE', 'DATA_DIR', 'RETENTION_DAYS']],
  ['What counts as a sale', ['SALE_AMOUNT', 'SALE_CURRENCIES', 'COUNT_UPGRADES', 'COUNT_OUT_OF_BAND_PAYMENTS', 'SEND_PRODUCT_ID', 'STRIPE_CONNECTED_ACCOUNTS']],
  ['Server', ['NODE_ENV', 'HOST', 'PORT', 'TRUST_PROXY', 'LOG_LEVEL', 'RATE_LIMIT_PER_MINUTE', 'API_RATE_LIMIT_PER_MINUTE', 'MAX_EVENT_LOOP_DELAY_MS', 'SHUTDOWN_DELAY_MS']],
  ['Monitoring', ['METRICS_TOKEN', 'METRICS_PORT']],
  ['Workers and delivery', ['WORKERS', 'DELIVERY_CONCURRENCY', 'DELIVERY_TIMEOUT_MS', 'DELIVERY_RETRY_BASE_MS', 'DELIVERY_RETRY_CAP_MS', 'DELIVERY_MAX_AGE_HOURS', 'ALERT_WEBHOOK_URL']],
  ['Addresses of the two APIs; only tests and proxies change them', ['STRIPE_API_URL', 'AFFITOR_API_URL']]
]

const compose = `# --- compose.yaml

# Password of the PostgreSQL that compose.yaml starts; letters and digits, e.g. from openssl rand -hex 24.
POSTGRES_PASSWORD=
`

/**
 * The file to copy to \`.env\`.
 * @throws when a variable of the configuration is in no group
 */
export function envExample (): string {
  const grouped = new Set<string>(groups.flatMap(([, names]) => names))
  const missing = Object.keys(Environment.properties).filter(name => !grouped.has(name))
  if (missing.length > 0) throw new Error(`Give ${missing.join(', ')} a group in tools/generate/env-example.ts.`)
  const required = requiredInProduction()
  const sections = groups.map(([title, names]) => `# --- ${title}\n\n${names.map(name => entry(name, required.has(name))).join('\n')}`)
  return [introduction, ...sections, compose].join('\n')
}

/** What the configuration itself asks for when it is given nothing. */
function requiredInProduction (): Set<string> {
  try {
    loadConfig({ NODE_ENV: 'production' })
    return new Set()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return new Set(error.problems.map(problem => problem.split(' ', 1)[0] ?? ''))
  }
}

function entry (name: Name, required: boolean): string {
  const schema: TSchema = Environment.properties[name]
  const line = required ? `${name}=` : `# ${name}=${schema.default ?? ''}`
  return `# ${String(schema.description).replaceAll('`', '')}${choices(schema)}\n${line}\n`
}

function choices (schema: TSchema): string {
  const values = (schema.anyOf as Array<{ const: string }> | undefined)?.map(choice => choice.const)
  return values === undefined ? '' : ` One of ${values.join(', ')}.`
}
