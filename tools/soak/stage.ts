import { buildAffitorSandbox } from '../../sandbox/affitor/index.js'
import type { AffitorSandbox } from '../../sandbox/affitor/index.js'
import { buildStripeSandbox } from '../../sandbox/stripe/index.js'
import { migrate } from '../../src/db/migrate.js'
import { Ledger } from '../harness/ledger.js'
import { startTorturedPostgres } from '../harness/postgres.js'
import { sandboxSecrets } from '../torture/service.js'
import { transpileService } from '../harness/compile.js'
import { Caller } from './caller.js'
import { startServiceProcess } from './service-process.js'
import type { ServiceProcess } from './service-process.js'
import { Traffic } from './traffic.js'

/** Everything that takes part. */
export interface Stage {
  /** One process, API and workers, as `npm start` has it: whatever can leak is in it. */
  service: ServiceProcess
  caller: Caller
  traffic: Traffic
  affitor: AffitorSandbox
  ledger: Ledger
  connectionString: string
}

/** Database connections of the service's pool: its default. */
export const POOL_SIZE = 20
const AFFITOR_LATENCY_MS = 20
const DELIVERY_CONCURRENCY = 16

/**
 * Sets the stage: PostgreSQL with durable settings, both stand-ins, the service as one process of its own.
 * @param closers takes what ends it all, in the order to be undone, also when it is not complete
 */
export async function setStage (closers: Array<() => Promise<unknown>>): Promise<Stage> {
  const compiled = await transpileService()
  closers.push(compiled.remove)
  const postgres = await startTorturedPostgres()
  closers.push(postgres.remove)
  const { connectionString } = postgres
  await migrate(connectionString)
  const ledger = new Ledger(connectionString)
  closers.push(() => ledger.close())

  const { stripeKey, webhookSecret, affitorKey, programId } = sandboxSecrets()
  const affitor = await buildAffitorSandbox({ programId, apiKey: affitorKey })
  closers.push(() => affitor.close())
  affitor.affitorBehaviour.set({ latencyMs: AFFITOR_LATENCY_MS })
  const stripe = await buildStripeSandbox({ secretKey: stripeKey, webhookSecret })
  closers.push(() => stripe.close())

  const service = await startServiceProcess(compiled.folder, {
    DATABASE_URL: connectionString,
    DATABASE_POOL_SIZE: String(POOL_SIZE),
    AFFITOR_API_URL: await affitor.listen({ host: '127.0.0.1', port: 0 }),
    STRIPE_API_URL: await stripe.listen({ host: '127.0.0.1', port: 0 }),
    DELIVERY_CONCURRENCY: String(DELIVERY_CONCURRENCY),
    // All callers have one address here.
    RATE_LIMIT_PER_MINUTE: '0'
  })
  closers.push(service.end)
  const caller = new Caller(service.url)
  closers.push(async () => { caller.disconnect() })
  return {
    service,
    caller,
    traffic: new Traffic({ caller, affitor: affitor.affitorState, programId, webhookSecret }),
    affitor,
    ledger,
    connectionString
  }
}
