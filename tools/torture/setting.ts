import { Book } from '../harness/book.js'
import type { Closers } from '../harness/closers.js'
import { commandOf } from '../harness/options.js'
import { startProxy } from '../harness/proxy.js'
import type { Proxy } from '../harness/proxy.js'
import { setShopStage } from '../harness/stage.js'
import type { ShopStage } from '../harness/stage.js'
import { Client } from './client.js'
import { Courier } from './courier.js'
import type { World } from './customer.js'
import type { UnexpectedExit } from './member.js'
import { command } from './options.js'
import type { Options } from './options.js'
import { startService } from './service.js'
import type { TorturedService } from './service.js'

/** Everything that takes part. */
export interface Setting extends ShopStage {
  /** Between the service and the database, when the database is to go away. */
  proxy: Proxy | undefined
  service: TorturedService
  world: World
  /** What was seen to be wrong before the checks. */
  violations: string[]
}

/** Sets the stage, and starts the service on it. */
export async function set (options: Options, closers: Closers): Promise<Setting> {
  console.log(commandOf(command, options))
  const { faults, seed } = options
  const stage = await setShopStage(closers)
  const { postgres: { connectionString }, stripe, affitor } = stage
  const proxy = faults === 'kill' ? undefined : await startProxy(connectionString)
  if (proxy !== undefined) closers.add(proxy.cut)
  const violations: string[] = []
  const service = await startService(stage, proxy?.url ?? connectionString, exit => {
    if (!isFailedStart(exit, faults)) violations.push(`${exit.name} ended by itself with ${exit.how}: ${exit.output}`)
  })
  const client = new Client(service.urls, { faults, violations })
  const book = new Book()
  const courier = new Courier({ client, book, stripe, seed, violations })
  return { ...stage, proxy, service, violations, world: { client, book, courier, affitor, stripe } }
}

/** A process that was killed may find no database when it starts: it says so, ends, and is started again. */
function isFailedStart ({ ran, how }: UnexpectedExit, faults: Options['faults']): boolean {
  return faults === 'all' && !ran && how === 'code 1'
}
