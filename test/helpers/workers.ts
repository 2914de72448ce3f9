import pino from 'pino'
import type { Test } from 'tap'
import { createAffitorClient } from '../../src/affitor/client.js'
import { createNotifier } from '../../src/db/notifications.js'
import { stripeLookups } from '../../src/stripe/lookups.js'
import { createWorkers } from '../../src/workers/index.js'
import type { Workers, WorkersOptions } from '../../src/workers/index.js'
import { eventually } from './eventually.js'
import type { TestLedger } from './ledger.js'
import { stripeClient } from './stripe.js'

export interface TestWorkersOptions {
  affitor: { url: string, apiKey: string }
  /** Of the session that listens; default: as the ledger's. */
  connection?: WorkersOptions['connection']
  pollMs?: number
  testMode?: boolean
  stopGraceMs?: number
  delivery?: Partial<WorkersOptions['delivery']>
}

/** So long that what happens within a test did not wait for it. */
export const NEVER_MS = 3_600_000

/** The workers that another process would run on this database. They stop with the test. */
export function makeWorkers (t: Test, ledger: TestLedger, { affitor, delivery, testMode = false, ...options }: TestWorkersOptions): Workers {
  const workers = createWorkers({
    db: ledger.db,
    connection: { connectionString: ledger.connectionString },
    notifier: createNotifier(ledger.pool),
    affitor: createAffitorClient({ apiKey: affitor.apiKey, apiUrl: affitor.url, timeoutMs: delivery?.timeoutMs ?? 10_000, testMode }),
    stripe: account => stripeLookups(stripeClient('http://127.0.0.1:9', 'sk_test_nobody_answers'), account),
    settings: { programId: '42', livemode: false, saleSource: 'webhook', saleAmount: 'gross', countUpgrades: true, countOutOfBandPayments: true, sendProductId: false, connectedAccounts: new Set(), currencies: new Set(['USD', 'EUR', 'VND']) },
    delivery: { concurrency: 8, timeoutMs: 10_000, retryBaseMs: 1, retryCapMs: 1, maxAgeSeconds: 3600, ...delivery },
    retentionDays: 0,
    log: pino({ level: 'silent' }),
    ...options
  })
  t.teardown(() => workers.stop())
  return workers
}

/** Ids of the server processes that listen for new work on this database. */
export async function listeners (ledger: TestLedger): Promise<number[]> {
  const rows = await ledger.query(`
    select pid from pg_stat_activity where datname = current_database() and query = 'listen fastify_affitor' and state = 'idle'`)
  return rows.map(row => row.pid as number)
}

/** Starts workers, and waits until they listen and have looked for work once. */
export async function startListening (workers: Workers, ledger: TestLedger): Promise<void> {
  workers.start()
  await eventually('the workers listen', async () => (await listeners(ledger)).length > 0)
}
