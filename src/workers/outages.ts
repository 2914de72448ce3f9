import { setTimeout as delay } from 'node:timers/promises'
import { isDatabaseUnavailable } from '../db/pool.js'

const RETRY_MS = 500

export interface Patience {
  /** By `performance.now()`. */
  until: number
  signal: AbortSignal
}

/** Works; and when that fails because the database is away, works again for as long as there is time. */
export async function throughOutages<T> (work: () => Promise<T>, { until, signal }: Patience): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isDatabaseUnavailable(error) || signal.aborted || performance.now() > until) throw error
      await delay(RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }
}
