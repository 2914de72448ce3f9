import type { FastifyBaseLogger } from 'fastify'
import type Stripe from 'stripe'
import { createAffitorClient } from '../affitor/client.js'
import type { Config } from './config.js'
import type { Notifier } from '../db/notifications.js'
import type { Database } from '../db/pool.js'
import { stripeLookups } from '../stripe/lookups.js'
import { createWorkers } from '../workers/index.js'
import type { Workers } from '../workers/index.js'

export interface WorkerDependencies {
  db: Database
  notifier: Notifier
  stripe: Stripe
  log: FastifyBaseLogger
}

export function workersFromConfig (config: Config, { db, notifier, stripe, log }: WorkerDependencies): Workers {
  return createWorkers({
    db,
    notifier,
    connectionString: config.DATABASE_URL,
    affitor: createAffitorClient({
      apiKey: config.AFFITOR_API_KEY,
      apiUrl: config.AFFITOR_API_URL,
      timeoutMs: config.DELIVERY_TIMEOUT_MS,
      testMode: config.AFFITOR_TEST_MODE
    }),
    stripe: account => stripeLookups(stripe, account),
    settings: {
      programId: config.AFFITOR_PROGRAM_ID,
      livemode: config.livemode,
      saleSource: config.AFFITOR_SALE_SOURCE,
      saleAmount: config.SALE_AMOUNT,
      countUpgrades: config.COUNT_UPGRADES,
      countOutOfBandPayments: config.COUNT_OUT_OF_BAND_PAYMENTS,
      connectedAccounts: new Set(config.STRIPE_CONNECTED_ACCOUNTS),
      currencies: new Set(config.SALE_CURRENCIES.map(currency => currency.trim().toUpperCase()))
    },
    delivery: {
      concurrency: config.DELIVERY_CONCURRENCY,
      timeoutMs: config.DELIVERY_TIMEOUT_MS,
      retryBaseMs: config.DELIVERY_RETRY_BASE_MS,
      retryCapMs: config.DELIVERY_RETRY_CAP_MS,
      maxAgeSeconds: config.DELIVERY_MAX_AGE_HOURS * 3600
    },
    retentionDays: config.RETENTION_DAYS,
    log
  })
}
