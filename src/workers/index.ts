import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { FastifyBaseLogger } from 'fastify'
import type { AffitorClient } from '../affitor/client.js'
import { listen } from '../db/notifications.js'
import type { Notifier } from '../db/notifications.js'
import type { Database } from '../db/pool.js'
import { releaseTrackingEvents } from '../ledger/delivery.js'
import type { InterpretSettings } from '../stripe/interpret/interpretation.js'
import type { StripeLookups } from '../stripe/lookups.js'
import { deliverStep } from './deliver.js'
import { interpretStep } from './interpret.js'
import { WorkLoop } from './loop.js'

export interface WorkersOptions {
  db: Database
  connectionString: string
  notifier: Notifier
  affitor: AffitorClient
  stripe: StripeLookups
  settings: InterpretSettings
  delivery: {
    /** Most calls at once. */
    concurrency: number
    timeoutMs: number
    retryBaseMs: number
    retryCapMs: number
    maxAgeSeconds: number
  }
  log: FastifyBaseLogger
}

export interface Workers {
  start (): void
  /** Takes nothing more, lets running calls finish for a bounded time, and gives the leases back. */
  stop (): Promise<void>
  /** Works until nothing is due; for tests and commands. */
  runUntilIdle (): Promise<void>
}

const INTERPRET_CONCURRENCY = 4
const POLL_MS = 1_000
/** How long running calls may take after the stop has begun, in milliseconds. */
const STOP_GRACE_MS = 8_000

/** The two steps of the workers, interpret and deliver. Any number of processes may run them on one database. */
export function createWorkers (options: WorkersOptions): Workers {
  const { db, log, delivery } = options
  const owner = `${hostname()}:${process.pid}:${randomUUID()}`
  const abort = new AbortController()

  const deliver = new WorkLoop({
    name: 'deliver',
    concurrency: delivery.concurrency,
    pollMs: POLL_MS,
    log,
    ...deliverStep({ db, owner, affitor: options.affitor, ...delivery, signal: abort.signal, log })
  })
  const interpret = new WorkLoop({
    name: 'interpret',
    concurrency: INTERPRET_CONCURRENCY,
    pollMs: POLL_MS,
    log,
    ...interpretStep({
      db,
      owner,
      stripe: options.stripe,
      settings: options.settings,
      maxAgeSeconds: delivery.maxAgeSeconds,
      log,
      onFacts () {
        deliver.wake()
        options.notifier.notify('tracking_events')
      }
    })
  })
  let listener: ReturnType<typeof listen> | undefined

  return {
    start () {
      listener = listen(options.connectionString, topic => (topic === 'stripe_events' ? interpret : deliver).wake())
      interpret.start()
      deliver.start()
    },

    async stop () {
      const timer = setTimeout(() => { abort.abort() }, STOP_GRACE_MS)
      await Promise.all([listener?.close(), interpret.stop(), deliver.stop()])
      clearTimeout(timer)
      await releaseTrackingEvents(db, owner).catch(() => {
        // The database is away: the leases run out by themselves.
      })
    },

    async runUntilIdle () {
      while (await interpret.runUntilIdle() + await deliver.runUntilIdle() > 0) { /* what was delivered may let more go */ }
    }
  }
}
