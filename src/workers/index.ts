import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { FastifyBaseLogger } from 'fastify'
import type pg from 'pg'
import type { AffitorClient } from '../affitor/client.js'
import { listen } from '../db/notifications.js'
import type { Notifier, Topic } from '../db/notifications.js'
import type { Database } from '../db/pool.js'
import { releaseLeases } from '../ledger/delivery.js'
import { releaseStripeEvents } from '../ledger/stripe-events.js'
import { unwatched } from '../observability/watcher.js'
import type { Watcher } from '../observability/watcher.js'
import type { InterpretSettings } from '../stripe/interpret/interpretation.js'
import type { StripeLookups } from '../stripe/lookups.js'
import { alertNowAndThen } from './alerts.js'
import type { AlertTarget } from './alerts.js'
import { deliverStep } from './deliver.js'
import { interpretStep } from './interpret.js'
import { lookForWork } from './look.js'
import { WorkLoop } from './loop.js'
import { keepPresence } from './presence.js'
import { pruneNowAndThen } from './prune.js'
import { tallyNowAndThen } from './tally.js'

export interface WorkersOptions {
  db: Database
  /** For a connection of its own, which listens for new work. */
  connection: pg.ClientConfig
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
  /** Absent: nobody is alerted. */
  alerts?: AlertTarget | undefined
  /** Absent: nothing is counted. */
  watcher?: Watcher
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

/** Longest time between two looks of a loop while one look for both is taken twice a second, in milliseconds. */
const POOLED_POLL_MS = 120_000

/** The two steps of the workers, interpret and deliver. Any number of processes may run them on one database. */
export function createWorkers (options: WorkersOptions): Workers {
  const { db, log, delivery, watcher = unwatched, pollMs = 1_000, stopGraceMs = 8_000 } = options
  const owner = `${hostname()}:${process.pid}:${randomUUID()}`
  const abort = new AbortController()
  // One for each item in work: no leak, which Node would warn of from the eleventh on.
  setMaxListeners(0, abort.signal)

  const delivering = deliverStep({ db, owner, affitor: options.affitor, settings: options.settings, ...delivery, signal: abort.signal, watcher, log })
  const deliver = new WorkLoop({ name: 'deliver', pollMs, log, ...delivering })
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
      watcher,
      log,
      signal: abort.signal,
      onFacts () {
        deliver.wake()
        options.notifier.notify('tracking_events')
      }
    })
  })
  const upkeep = [
    pruneNowAndThen({ db, retentionDays: options.retentionDays, log }),
    tallyNowAndThen({ db, log }),
    ...options.alerts === undefined ? [] : [alertNowAndThen({ db, log, ...options.alerts })]
  ]
  const presence = keepPresence({
    db,
    owner,
    log,
    onLost: delivering.recall,
    onFreed ({ stripeEvents, facts }) {
      watcher.leasesTakenOver('interpret', stripeEvents)
      watcher.leasesTakenOver('deliver', facts)
      interpret.wake()
      deliver.wake()
    }
  })
  const wake = (topic: Topic) => { (topic === 'stripe_events' ? interpret : deliver).wake() }
  let listener: ReturnType<typeof listen> | undefined
  let looking: ReturnType<typeof lookForWork> | undefined
  let stopped: Promise<void> | undefined

  /** New work cannot be announced to this process: it is looked for, by one query for both loops. */
  function lookInstead (): void {
    log.info('The database is reached through a connection pooler: new work is looked for twice a second, as it cannot be announced. ' +
      'To have it announced, set DATABASE_DIRECT_URL (option directDatabase) to an address of PostgreSQL itself.')
    for (const loop of [interpret, deliver]) loop.pollEvery(POOLED_POLL_MS)
    looking = lookForWork({ db, notifier: options.notifier, onTopic: wake })
  }

  async function stop (): Promise<void> {
    const timer = setTimeout(() => { abort.abort() }, stopGraceMs)
    await Promise.all([looking?.stop(), interpret.stop(), deliver.stop(), ...upkeep.map(work => work.stop())])
    clearTimeout(timer)
    await Promise.all([releaseStripeEvents(db, owner), releaseLeases(db, owner), presence.stop()]).catch(() => {
      // The database is away: others end the leases, or they run out.
    })
    await listener?.close()
  }

  return {
    start () {
      if (stopped !== undefined) return
      listener ??= listen(options.connection, { onTopic: wake, onSession: presence.signOn, onPooled: lookInstead })
      interpret.start()
      deliver.start()
      for (const work of upkeep) work.start()
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
