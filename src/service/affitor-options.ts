import type { FastifyBaseLogger } from 'fastify'
import type { Registry } from 'prom-client'
import type Stripe from 'stripe'
import type { AffitorOptions, PgPool } from '../options.js'
import type { Config } from './config.js'

export interface AffitorDependencies {
  database: PgPool
  stripe: Stripe
  logger: FastifyBaseLogger
  /** Absent: nothing is counted. */
  registry: Registry | undefined
}

/** What the plugin and the engine are given of the configuration. The database is made ready before. */
export function affitorOptions (config: Config, { database, stripe, logger, registry }: AffitorDependencies): AffitorOptions {
  return {
    database,
    directDatabase: config.DATABASE_DIRECT_URL,
    stripe,
    logger,
    metrics: registry && { registry },
    migrate: 'unchecked',
    workers: config.WORKERS,
    livemode: config.livemode,
    retentionDays: config.RETENTION_DAYS,
    alerts: { webhookUrl: config.ALERT_WEBHOOK_URL, operatorUrl: `${config.PUBLIC_URL}/operator` },
    affitor: {
      apiKey: config.AFFITOR_API_KEY,
      programId: config.AFFITOR_PROGRAM_ID,
      apiUrl: config.AFFITOR_API_URL,
      testMode: config.AFFITOR_TEST_MODE,
      saleSource: config.AFFITOR_SALE_SOURCE
    },
    sales: {
      amount: config.SALE_AMOUNT,
      currencies: config.SALE_CURRENCIES,
      countUpgrades: config.COUNT_UPGRADES,
      countOutOfBandPayments: config.COUNT_OUT_OF_BAND_PAYMENTS,
      productId: config.SEND_PRODUCT_ID,
      connectedAccounts: config.STRIPE_CONNECTED_ACCOUNTS
    },
    delivery: {
      concurrency: config.DELIVERY_CONCURRENCY,
      timeoutMs: config.DELIVERY_TIMEOUT_MS,
      retryBaseMs: config.DELIVERY_RETRY_BASE_MS,
      retryCapMs: config.DELIVERY_RETRY_CAP_MS,
      maxAgeHours: config.DELIVERY_MAX_AGE_HOURS
    }
  }
}
