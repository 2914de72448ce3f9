import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { spreadOf } from '../harness/statistics.js'
import type { Spread } from '../harness/statistics.js'

/** What was seen of the service. */
export interface Seen {
  /** Latencies of the liveness check. */
  live: Spread
  /** Checks that were not answered 200. */
  liveFailed: number
  mostResidentMb: number
}

/** Watches the service from a thread of its own: what it sees does not wait for thousands of other answers. */
export function watch (service: { url: string, pid: number }): { end (): Promise<Seen> } {
  const thread = new Worker(new URL('./watch-thread.mjs', import.meta.url), { workerData: { url: service.url, pid: service.pid } })
  const message = once(thread, 'message')
  return {
    async end () {
      thread.postMessage('end')
      const [{ times, failed, mostResidentKb }] = await message as [{ times: number[], failed: number, mostResidentKb: number }]
      await thread.terminate()
      return { live: spreadOf(times), liveFailed: failed, mostResidentMb: mostResidentKb / 1_024 }
    }
  }
}
