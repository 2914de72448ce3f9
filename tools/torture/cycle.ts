import { setTimeout as delay } from 'node:timers/promises'
import { checkOrder, checkRecords } from '../harness/check-affitor.js'
import { checkLedger } from '../harness/check-ledger.js'
import { randomFrom } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import { runAffitorFaults } from './affitor-faults.js'
import { runLoad } from './load.js'
import type { Options } from './options.js'
import { LONGEST_RECOVERY_MS, runOutage } from './outages.js'
import type { Outage } from './outages.js'
import { runProcessFaults } from './process-faults.js'
import type { ProcessFaults } from './process-faults.js'
import type { Setting } from './setting.js'

/** How long customers come and things go wrong, in milliseconds. */
const LOAD_MS = 1_000
/** Before an outage and after its end. */
const MARGIN_MS = 250
/** The longest lease, of 60 seconds, and some; what takes longer is stuck for good. In milliseconds. */
const PATIENCE_MS = 75_000

export interface CycleResult {
  processFaults: ProcessFaults | undefined
  outage: Outage | undefined
  /** From calm until nothing was pending any more, in milliseconds. */
  calmMs: number
  violations: string[]
}

/** Some time of load with faults, then calm, then all checks over everything so far. */
export async function runCycle (setting: Setting, cycle: number, { seed, faults, longStopEvery }: Options): Promise<CycleResult> {
  const { affitor, ledger, service, world } = setting
  affitor.sandbox.affitorState.calls.clear()
  const storm = new AbortController()
  const { signal } = storm
  const load = runLoad(world, seed, cycle, signal)
  const weather = runAffitorFaults(affitor, randomFrom(seed, 'Affitor', cycle), signal)
  const killing = new AbortController()
  const killed = faults === 'database'
    ? undefined
    : runProcessFaults({
      members: service.members,
      ledger,
      random: randomFrom(seed, 'processes', cycle),
      longStop: cycle % longStopEvery === 0,
      signal: killing.signal
    })
  const outage = await storming(setting, randomFrom(seed, 'outage', cycle), faults === 'all' ? () => killing.abort() : undefined)
  killing.abort()
  storm.abort()

  const calm = performance.now()
  const [processFaults] = await Promise.all([killed, weather, load])
  await world.courier.idle()
  const stuck = await untilFinished(setting)
  const calmMs = performance.now() - calm
  return {
    processFaults,
    outage,
    calmMs,
    violations: [
      ...setting.violations.splice(0),
      ...(outage === undefined || faults === 'all' ? [] : slowRecovery(outage)),
      ...stuck,
      ...await checkLedger(world.book, ledger),
      ...checkRecords(world.book, affitor.sandbox.affitorState),
      ...checkOrder(affitor.calls())
    ]
  }
}

/** Lets the faults last: for a fixed time, or as long as an outage and the return from it take. */
async function storming (setting: Setting, random: Random, stopKills: (() => void) | undefined): Promise<Outage | undefined> {
  if (setting.proxy === undefined) {
    await delay(LOAD_MS)
    return undefined
  }
  await delay(MARGIN_MS)
  const { postgres, proxy, affitor, service: { urls } } = setting
  const outage = await runOutage({ postgres, proxy, affitor, urls, random, stopKills })
  await delay(MARGIN_MS)
  return outage
}

function slowRecovery ({ kind, answerMs, deliveryMs }: Outage): string[] {
  return Math.max(answerMs, deliveryMs) < LONGEST_RECOVERY_MS
    ? []
    : [`after the database was ${kind} it took ${Math.round(answerMs)} ms to answer and ${Math.round(deliveryMs)} ms to deliver`]
}

/** Waits until nothing is left to do. @returns what is stuck */
async function untilFinished ({ ledger, service: { members } }: Setting): Promise<string[]> {
  for (const end = performance.now() + PATIENCE_MS; ; await delay(50)) {
    const unwoken = await ledger.unwoken()
    if (unwoken.length > 0) return unwoken.map(event => `although its sale is there, parked is the Stripe event ${event}`)
    const left = await ledger.unfinished()
    if (left.pending + left.unread + left.leased === 0) return []
    if (performance.now() < end) continue
    return [`it is calm, and still there are ${JSON.stringify(left)}`, ...members.map(member => member.describe()), ...await ledger.activity()]
  }
}
