import { setTimeout as delay } from 'node:timers/promises'
import type { Ledger } from '../harness/ledger.js'
import { between, pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { Member } from './member.js'

const SHORTEST_MS = 250
const LONGEST_MS = 700
/** How long a process is stopped, in milliseconds: of the short ones some are shorter than the grace for a lost lock. */
const SHORTEST_STOP_MS = 100
const LONGEST_STOP_MS = 3_000
const LONG_STOP_MS = 30_000

/** How often each thing was done. */
export interface ProcessFaults { kills: number, stops: number, cuts: number }

export interface ProcessFaultsOptions {
  members: Member[]
  ledger: Ledger
  random: Random
  /** A worker is stopped for 30 seconds first. */
  longStop: boolean
  signal: AbortSignal
}

/**
 * Until `signal` aborts, kills one process after the other, also while it starts; stops a worker and lets it go on; or
 * cuts the connection that holds a worker's lock. Resolves when no process is stopped any more.
 */
export async function runProcessFaults ({ members, ledger, random, longStop, signal }: ProcessFaultsOptions): Promise<ProcessFaults> {
  const done = { kills: 0, stops: 0, cuts: 0 }
  const stopped: Array<Promise<void>> = []
  for (let isFirst = true; ; isFirst = false) {
    await delay(between(random, SHORTEST_MS, LONGEST_MS), undefined, { signal }).catch(() => {})
    const fault = longStop && isFirst ? 'stop' : pick(random, ['kill', 'kill', 'kill', 'stop', 'cut'])
    const others = members.filter(member => !member.isStopped)
    // One that starts has nothing in hand.
    const victim = pick(random, fault === 'kill' ? others : others.filter(member => member.role === 'worker' && member.runs))
    const stopMs = between(random, SHORTEST_STOP_MS, LONGEST_STOP_MS)
    if (signal.aborted) break
    if (fault === 'cut') {
      done.cuts += await ledger.cutLockConnection(random)
    } else if (victim !== undefined && fault === 'kill') {
      victim.kill()
      done.kills++
    } else if (victim !== undefined) {
      stopped.push(victim.stop(longStop && isFirst ? LONG_STOP_MS : stopMs))
      done.stops++
    }
  }
  await Promise.all(stopped)
  return done
}
