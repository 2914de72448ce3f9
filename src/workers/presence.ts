import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type pg from 'pg'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database } from '../db/pool.js'
import { endLeasesOfDead, findSilentWorkers, sayAlive, signOff, signOn } from '../ledger/workers.js'
import type { FreedLeases } from '../ledger/workers.js'

export interface PresenceOptions {
  db: Database
  owner: string
  log: FastifyBaseLogger
  /** Told when this worker has lost the session that held its lock: others may soon take what it has in hand. */
  onLost (): void
  /** Told when leases of dead workers were ended. */
  onFreed (freed: FreedLeases): void
}

/** Time between two looks, in milliseconds: two queries a second while nothing happens. */
const LOOK_MS = 500
/** How long a lock is seen free until its worker counts as dead, in milliseconds: a living one is back by then. */
const GRACE_MS = 1_000
const KEYS = 2 ** 31

/**
 * Shows the others that this worker lives, by an advisory lock that PostgreSQL frees with the session, and takes over
 * what the dead had in hand, in seconds rather than when the leases run out. One whose session is not its own never
 * signs on: it looks for nobody, and its leases last until their end. So do those of a process that is stopped: its session stays.
 *
 * A living process that loses this session alone says by another connection that it lives, again and again until it has
 * a new session, with a new lock; nobody takes anything from it. One that cannot reach the database at all may be taken for
 * dead. Order holds then too. Whatever it has in hand is the oldest unsettled fact of its customer, and others repeat
 * this one's call before they go on to the next: a sale is sent after a call of its lead that was answered, a refund
 * after one of its sale. The call that still runs was made before, and repeats a fact that Affitor counts once. What was
 * not begun is not begun any more (`onLost`), and an answer is only stored by who holds the lease.
 */
export function keepPresence ({ db, owner, log, onLost, onFreed }: PresenceOptions) {
  const stopping = new AbortController()
  /** Key of the lock that this worker holds. */
  let held: number | undefined
  let isSignedOn = false
  /** Keys of locks that are free, and since when, by `performance.now()`. */
  let silent = new Map<number, number>()
  let looking: Promise<void> | undefined

  async function look (): Promise<void> {
    if (isSignedOn && held === undefined) await sayAlive(db, owner)
    const now = performance.now()
    const found = await findSilentWorkers(db)
    silent = new Map(found.map(({ key }) => [key, silent.get(key) ?? now]))
    // The server has lost the session, and the network does not say so.
    if (held !== undefined && silent.has(held)) lose()
    const dead = found.filter(worker => worker.owner !== owner && now - (silent.get(worker.key) ?? now) >= GRACE_MS)
    if (dead.length === 0) return
    const freed = await endLeasesOfDead(db, dead)
    if (freed.owners.length === 0) return
    log.warn(freed, 'Workers have died: what they had in hand is taken over')
    onFreed(freed)
  }

  async function keepLooking (): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch(error => {
        if (!isDatabaseUnavailable(error)) log.error({ err: error }, 'Dead workers could not be looked for')
      })
      await delay(LOOK_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    }
  }

  function lose (): void {
    held = undefined
    onLost()
    sayAlive(db, owner).catch(() => { /* The next look tries again. */ })
  }

  return {
    /** @param session lives for as long as this worker, if nothing breaks it */
    async signOn (session: pg.Client): Promise<void> {
      const key = randomInt(KEYS)
      session.once('end', () => {
        if (held === key && !stopping.signal.aborted) lose()
      })
      if (!await signOn(session, { owner, key })) throw new Error('Another worker has this lock')
      held = key
      isSignedOn = true
      looking ??= keepLooking()
    },
    /** Signs off; what is leased by then is left to the leases' end. */
    async stop (): Promise<void> {
      stopping.abort()
      await looking
      if (isSignedOn) await signOff(db, owner)
    }
  }
}
