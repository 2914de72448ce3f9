import { join } from 'node:path'
import { freePorts } from '../../sandbox/free-ports.js'
import type { Closers } from '../harness/closers.js'
import { ENTRIES, serviceEnvironment } from '../harness/environment.js'
import { Program } from '../harness/program.js'
import { setShopStage } from '../harness/stage.js'
import type { ShopStage } from '../harness/stage.js'
import { Caller } from './caller.js'
import { Traffic } from './traffic.js'

/** Everything that takes part. */
export interface Setting extends ShopStage {
  /** One process, API and workers, as `npm start` has it: whatever can leak is in it. */
  service: Program
  url: string
  /** Bytes of its heap in use after a full garbage collection. */
  heapInUse (): Promise<number>
  caller: Caller
  traffic: Traffic
}

/** Database connections of the service's pool: its default. */
export const POOL_SIZE = 20
const AFFITOR_LATENCY_MS = 20
const DELIVERY_CONCURRENCY = 16

/** Sets the stage, and starts the service on it. */
export async function set (closers: Closers): Promise<Setting> {
  const stage = await setShopStage(closers)
  const { affitor, stripe, folder, compiled, postgres } = stage
  affitor.behave({ latencyMs: AFFITOR_LATENCY_MS })
  const [port = 0, probePort = 0] = await freePorts(2)
  const url = `http://127.0.0.1:${port}`
  const service = new Program({
    name: 'the service',
    args: [`--import=${new URL('./heap-probe.mjs', import.meta.url).href}`, join(compiled, `${ENTRIES.server}.js`)],
    cwd: folder,
    logFile: join(folder, 'log'),
    ready: `${url}/health/ready`,
    environment: {
      ...serviceEnvironment({ databaseUrl: postgres.connectionString, affitor, stripe }, true),
      PORT: String(port),
      HEAP_PROBE_PORT: String(probePort),
      DATABASE_POOL_SIZE: String(POOL_SIZE),
      DELIVERY_CONCURRENCY: String(DELIVERY_CONCURRENCY),
      // The shedding is what the overload looks at: its default.
      MAX_EVENT_LOOP_DELAY_MS: ''
    }
  })
  closers.add(() => service.end('SIGKILL'))
  await service.untilReady()
  const caller = new Caller(url)
  closers.add(async () => { caller.disconnect() })
  return {
    ...stage,
    service,
    url,
    heapInUse: async () => Number(await (await fetch(`http://127.0.0.1:${probePort}`)).text()),
    caller,
    traffic: new Traffic({ caller, affitor, webhookSecret: stripe.webhookSecret })
  }
}
