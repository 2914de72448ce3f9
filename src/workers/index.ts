import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { FastifyBaseLogger } from 'fastify'
import type { AffitorClient } from '../affitor/client.js'
import { listen } from '../db/notifications.js'
import type { Notifier } from '../db/notifications.js'
import type { Database } from '../db/pool.js'
import { releaseLeases } from '../ledger/delivery.js'
import { releaseStripeEvents } from '../ledger/stripe-events.js'
import type { InterpretSettings } from '../stripe/interpret/interpretation.js'
import type { StripeLookups } from '../stripe/lookups.js'
import { deliverStep } from './deliver.js'
import { interpretStep } from './interpret.js'
import { WorkLoop } from './loop.js'
import { pruneNowAndThen } from './prune.js'

export interface WorkersOptions {
  db: Database
  connectionString: string
  notifier: Notifier
  affitor: AffitorClient
  /** @param account the connected account that is asked; absent: our own */
  stripe: (account?: string) => StripeLookups
  settings: InterpretSettings
  delivery: {
    /** Most calls at once. */
    concurrency: number
    timeoutMs: number
    retryBaseMs: number
    retryCapMs: number
    maxAgeSeconds: number
  }
  /** Age in days after which what is done with is deleted; 0: never. */
  retentionDays: number
  log: FastifyBaseLogger
  /** Longest time between two looks for work that nobody announced, in milliseconds; default 1,000. */
  pollMs?: number
  /** How long running calls may take after the stop has begun, in milliseconds; default 8,000. */
  stopGraceMs?: number
}

export interface Workers {
  start (): void
  /** Takes nothing more, lets running calls finish for a bounded time, and gives the leases back. For good. */
  stop (): Promise<void>
  /** Works until nothing is due; for tests and commands. */
  runUntilIdle (): Promise<void>
}

/** The two steps of the workers, interpret and deliver. Any number of processes may run them on one database. */
export function createWorkers (options: WorkersOptions): Workers {
  const { db, log, delivery, pollMs = 1_000, stopGraceMs = 8_000 } = options
  const owner = `${hostname()}:${process.pid}:${randomUUID()}`
  const abort = new AbortController()
  // One for each item in work: no leak, which Node would warn of from the eleventh on.
  setMaxListeners(0, abort.signal)

  const deliver = new WorkLoop({
    name: 'deliver',
    pollMs,
    log,
    ...deliverStep({ db, owner, affitor: options.affitor, ...delivery, signal: abort.signal, log })
  })
  const interpret = new WorkLoop({
    name: 'interpret',
    pollMs,
    log,
    ...interpretStep({
      db,
      owner,
      stripe: options.stripe,
      settings: options.settings,
      maxAgeSeconds: delivery.maxAgeSeconds,
      log,
      signal: abort.signal,
      onFacts () {
        deliver.wake()
        options.notifier.notify('tracking_events')
      }
    })
  })
  const pruning = pruneNowAndThen({ db, retentionDays: options.retentionDays, log })
  let listener: ReturnType<typeof listen> | undefined
  let stopped: Promise<void> | undefined

  async function stop (): Promise<void> {
    const timer = setTimeout(() => { abort.abort() }, stopGraceMs)
    await Promise.all([listener?.close(), interpret.stop(), deliver.stop(), pruning.stop()])
    clearTimeout(timer)
    await Promise.all([releaseStripeEvents(db, owner), releaseLeases(db, owner)]).catch(() => {
      // The database is away: the leases run out by themselves.
    })
  }

  return {
    start () {
      if (stopped !== undefined) return
      listener ??= listen(options.connectionString, topic => (topic === 'stripe_events' ? interpret : deliver).wake())
      interpret.start()
      deliver.start()
      pruning.start()
    },

    stop () {
      stopped ??= stop()
      return stopped
    },

    async runUntilIdle () {
      while (await interpret.runUntilIdle() + await deliver.runUntilIdle() > 0) { /* what was delivered may let more go */ }
    }
  }
}
