import { buildAffitorSandbox } from '../../sandbox/affitor/index.js'
import type { AffitorSandbox } from '../../sandbox/affitor/index.js'
import { buildStripeSandbox } from '../../sandbox/stripe/index.js'
import { migrate } from '../../src/db/migrate.js'
import { Book } from '../harness/book.js'
import { Client } from './client.js'
import { Courier } from './courier.js'
import type { World } from './customer.js'
import { Ledger } from '../harness/ledger.js'
import type { Options } from './options.js'
import { startTorturedPostgres } from '../harness/postgres.js'
import type { TorturedPostgres } from '../harness/postgres.js'
import type { UnexpectedExit } from '../harness/processes.js'
import { startProxy } from '../harness/database-proxy.js'
import type { Proxy } from '../harness/database-proxy.js'
import { sandboxSecrets, startService } from './service.js'
import type { TorturedService } from './service.js'
import { transpileService } from '../harness/compile.js'

/** Everything that takes part. */
export interface Stage {
  postgres: TorturedPostgres
  /** Between the service and the database, when the database is to go away. */
  proxy: Proxy | undefined
  affitor: AffitorSandbox
  service: TorturedService
  ledger: Ledger
  world: World
  /** What was seen to be wrong before the checks. */
  violations: string[]
}

/**
 * Sets the stage: PostgreSQL, both stand-ins, the service's processes.
 * @param closers takes what ends it all, in the order to be undone, also when it is not complete
 */
export async function setStage ({ faults, seed }: Options, closers: Array<() => Promise<unknown>>): Promise<Stage> {
  const compiled = await transpileService()
  closers.push(compiled.remove)
  const postgres = await startTorturedPostgres()
  closers.push(postgres.remove)
  await migrate(postgres.connectionString)
  const proxy = faults === 'kill' ? undefined : await startProxy(postgres.connectionString)
  if (proxy !== undefined) closers.push(proxy.close)
  const ledger = new Ledger(postgres.connectionString)
  closers.push(() => ledger.close())

  const { stripeKey, webhookSecret, affitorKey, programId } = sandboxSecrets()
  const affitor = await buildAffitorSandbox({ programId, apiKey: affitorKey })
  closers.push(() => affitor.close())
  const stripe = await buildStripeSandbox({ secretKey: stripeKey, webhookSecret })
  closers.push(() => stripe.close())
  const affitorUrl = await affitor.listen({ host: '127.0.0.1', port: 0 })
  const stripeUrl = await stripe.listen({ host: '127.0.0.1', port: 0 })

  const violations: string[] = []
  const service = await startService({
    compiled: compiled.folder,
    connectionString: proxy?.connectionString ?? postgres.connectionString,
    affitorUrl,
    stripeUrl,
    onUnexpectedExit (exit) {
      if (!isFailedStart(exit, faults)) violations.push(`${exit.name} ended by itself with ${exit.how}: ${exit.output}`)
    }
  })
  closers.push(service.stop)
  const client = new Client(service.urls, { faults, violations })
  const book = new Book()
  const courier = new Courier({ client, book, stripe, webhookSecret, seed, violations })
  return { postgres, proxy, affitor, service, ledger, violations, world: { client, book, courier, affitorUrl, stripeUrl } }
}

/** A process that was killed may find no database when it starts: it says so, ends, and is started again. */
function isFailedStart ({ ran, how }: UnexpectedExit, faults: Options['faults']): boolean {
  return faults === 'all' && !ran && how === 'code 1'
}
