import { setTimeout as delay } from 'node:timers/promises'
import type { Ledger } from '../harness/ledger.js'
import { between, pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { Member } from './member.js'

const SHORTEST_MS = 250
const LONGEST_MS = 700
/** How long after a kill the leases of the killed worker are ended, at most, in milliseconds. */
const LEASE_MS = 800

export interface KillsOptions {
  members: Member[]
  ledger: Ledger
  random: Random
  realLeases: boolean
  signal: AbortSignal
}

/** Kills one process after the other, also while it starts, until `signal` aborts. Resolves to the number of kills. */
export async function runKills ({ members, ledger, random, realLeases, signal }: KillsOptions): Promise<number> {
  let kills = 0
  for (;;) {
    await delay(between(random, SHORTEST_MS, LONGEST_MS), undefined, { signal }).catch(() => {})
    const victim = pick(random, members)
    const leaseMs = between(random, 0, LEASE_MS)
    if (signal.aborted) return kills
    victim.kill()
    kills++
    if (victim.role === 'worker' && !realLeases) void endLeasesLater(ledger, members, leaseMs)
  }
}

/** The database may be away just then; what is left is ended when things are calm. */
async function endLeasesLater (ledger: Ledger, members: Member[], ms: number): Promise<void> {
  await delay(ms)
  await ledger.endLeasesOfDead(members.flatMap(({ endedPids }) => endedPids)).catch(() => {})
}
