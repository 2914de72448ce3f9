import { setTimeout as delay } from 'node:timers/promises'
import type { Ending, Postgres } from '../harness/postgres.js'
import { isReady } from '../harness/program.js'
import type { Proxy } from '../harness/proxy.js'
import { between, pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { StartedAffitor } from '../harness/stand-ins.js'

/** How the database goes away. */
export type OutageKind = 'stopped' | 'stopped at once' | 'killed' | 'cut off' | 'silent' | 'connections ended'

export interface Outage {
  kind: OutageKind
  /** Time away, in milliseconds; it includes what PostgreSQL takes to end and to recover. */
  awayMs: number
  /** From its return to the first 2xx, of the slower API process unless those are killed too, in milliseconds. */
  answerMs: number
  /** From its return to the next call of Affitor, in milliseconds. */
  deliveryMs: number
}

export interface OutagesOptions {
  postgres: Postgres
  proxy: Proxy
  affitor: StartedAffitor
  urls: string[]
  random: Random
  /** Ends the kills when the database is back, so that what is measured is the return from the outage; absent without kills. */
  stopKills: (() => void) | undefined
}

const ENDINGS: Partial<Record<OutageKind, Ending>> = { stopped: 'SIGINT', 'stopped at once': 'SIGQUIT', killed: 'SIGKILL' }
const KINDS: readonly OutageKind[] = ['stopped', 'stopped at once', 'killed', 'cut off', 'silent', 'connections ended']
const SHORTEST_MS = 100
const LONGEST_MS = 1_500
/** An outage after whose end it takes longer than this is a violation, in milliseconds. */
export const LONGEST_RECOVERY_MS = 10_000

/** One outage, and how long the service takes to notice its end; the load goes on meanwhile. */
export async function runOutage (options: OutagesOptions): Promise<Outage> {
  const { random, affitor, urls, stopKills } = options
  const kind = pick(random, KINDS)
  const ms = between(random, SHORTEST_MS, LONGEST_MS)
  const begin = performance.now()
  await goAway(kind, ms, options)
  const back = performance.now()
  stopKills?.()
  const calls = affitor.sandbox.affitorState.calls.count
  const [answerMs, deliveryMs] = await Promise.all([
    untilTrue(async () => {
      const ready = await Promise.all(urls.map(url => isReady(`${url}/health/ready`, LONGEST_RECOVERY_MS)))
      return stopKills === undefined ? ready.every(Boolean) : ready.some(Boolean)
    }),
    untilTrue(async () => affitor.sandbox.affitorState.calls.count > calls)
  ])
  return { kind, awayMs: back - begin, answerMs, deliveryMs }
}

async function goAway (kind: OutageKind, ms: number, { postgres, proxy }: OutagesOptions): Promise<void> {
  const ending = ENDINGS[kind]
  if (ending !== undefined) {
    await postgres.end(ending)
    await delay(ms)
    await postgres.start()
    return
  }
  if (kind === 'connections ended') {
    await postgres.endConnections()
    return
  }
  if (kind === 'cut off') await proxy.cut()
  else proxy.stall()
  await delay(ms)
  await proxy.restore()
}

/** @returns how long it took, in milliseconds; the longest time that is waited when it never came true */
async function untilTrue (ask: () => Promise<boolean>): Promise<number> {
  const begin = performance.now()
  const passed = () => performance.now() - begin
  while (passed() < LONGEST_RECOVERY_MS && !await ask()) await delay(10)
  return passed()
}
