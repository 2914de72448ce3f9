import { setTimeout as delay } from 'node:timers/promises'
import type { Postmaster } from './postmaster.js'

const firstDelay = 100
const longestDelay = 10_000

export interface Supervisor {
  stop (): Promise<void>
  signal (name: NodeJS.Signals): void
}

/**
 * Keeps a server running: starts it again whenever its process ends, after 0.1 s, then twice as
 * long each time it ends again within 10 s, at most 10 s.
 *
 * @param first a server that is ready
 * @param launch starts the same server, on the same port
 */
export function supervise (
  first: Postmaster, launch: () => Promise<Postmaster>, log: (message: string) => void
): Supervisor {
  const stopping = new AbortController()
  const { signal } = stopping
  let current = first

  const loop = (async () => {
    let wait = firstDelay
    let since = performance.now()
    for (;;) {
      const message = await current.exited
      if (signal.aborted) return
      if (performance.now() - since > longestDelay) wait = firstDelay
      log(`the database server ended unexpectedly (${message}); starting it again in ${wait / 1000} s`)
      await delay(wait, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      wait = Math.min(2 * wait, longestDelay)
      since = performance.now()
      try {
        current = await launch()
        if (signal.aborted) return await current.stop()
        await current.ready()
        log('the database server runs again')
      } catch {
        // It has ended, or is no use: the next turn says why and tries again.
        await current.stop()
      }
    }
  })()

  return {
    signal: name => current.signal(name),
    async stop () {
      stopping.abort()
      await current.stop()
      await loop
    }
  }
}
