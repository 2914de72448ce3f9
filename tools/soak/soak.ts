import { setTimeout as delay } from 'node:timers/promises'
import { checkRecords } from '../harness/check-affitor.js'
import { checkLedger } from '../harness/check-ledger.js'
import { spreadOf } from '../harness/statistics.js'
import type { Options } from './options.js'
import { Sampler } from './sampler.js'
import type { Sample } from './sampler.js'
import type { Setting } from './setting.js'
import { steadyLoad } from './steady.js'
import type { Rate, Refused } from './steady.js'
import type { Traffic } from './traffic.js'

export interface SoakResult {
  rate: Rate
  samples: Sample[]
  /** Megabytes of the heap in use after a garbage collection: after the first third, and at the end. */
  heapMb: { before: number, after: number }
  refused: Refused
  leftOut: number
  /** From the end of the load until everything was delivered, in milliseconds. */
  calmMs: number
  facts: number
  /** What the check of all facts found. */
  violations: string[]
}

const FIRST_CUSTOMERS = 30
const TRIAL_SECONDS = 5
/** A rate is held when the queue does not grow, in seconds of load, and webhooks are answered in time, in milliseconds. */
const HELD_QUEUE_SECONDS = 1
const HELD_P99_MS = 500
/** How much lower the next rate is that is tried. */
const STEP = 0.6
/** A rate is taken when the machine holds so many times it: its other users come and go. */
const ROOM = 1.25
const TRIALS = 6
const PATIENCE_MS = 120_000

/** A steady load for some minutes, and then the check of all facts. */
export async function soak (setting: Setting, { minutes, ...wanted }: Options): Promise<SoakResult> {
  const { heapInUse, traffic, affitor, ledger } = setting
  const sampler = new Sampler(setting)
  await sampler.open()
  try {
    while (traffic.customers.length < FIRST_CUSTOMERS) await traffic.signUp()
    const rate = await findRate(traffic, sampler, wanted)

    const refused: Refused = new Map()
    const over = new AbortController()
    const sampling = sampler.run(over.signal)
    const load = (seconds: number) => steadyLoad({ traffic, sampler, rate, seconds, refused })
    const third = minutes * 60 / 3
    const early = await load(third)
    const before = await heapInUse()
    const late = await load(2 * third)
    over.abort()
    const samples = await sampling
    const calmMs = await untilDelivered(sampler)
    const after = await heapInUse()
    return {
      rate,
      samples,
      heapMb: { before: before / 2 ** 20, after: after / 2 ** 20 },
      refused,
      leftOut: early + late,
      calmMs,
      facts: traffic.book.facts,
      violations: [
        ...await checkLedger(traffic.book, ledger),
        ...checkRecords(traffic.book, affitor.sandbox.affitorState)
      ]
    }
  } finally {
    await sampler.close()
  }
}

/**
 * The wanted rate, or what of it the machine holds: a slow machine is no fault of the service.
 * @throws when it holds next to nothing
 */
async function findRate (traffic: Traffic, sampler: Sampler, wanted: Rate): Promise<Rate> {
  // What is compiled only as it runs makes a new process slow.
  await isHeld(traffic, sampler, wanted)
  for (let trial = 0, share = 1; trial < TRIALS; trial++, share *= STEP) {
    if (await isHeld(traffic, sampler, times(wanted, share * ROOM))) return times(wanted, share)
  }
  throw new Error('The machine is too busy: it does not hold a tenth of the load.')
}

/** Whether this rate leaves no queue, and webhooks are answered in time. */
async function isHeld (traffic: Traffic, sampler: Sampler, rate: Rate): Promise<boolean> {
  const over = new AbortController()
  const sampling = sampler.run(over.signal)
  await steadyLoad({ traffic, sampler, rate, seconds: TRIAL_SECONDS, refused: new Map() })
  const queue = await sampler.queue()
  over.abort()
  const samples = await sampling
  await untilDelivered(sampler)
  return queue < HELD_QUEUE_SECONDS * (rate.webhooks + rate.signups) && spreadOf(samples.map(({ webhooks }) => webhooks.p99)).p50 < HELD_P99_MS
}

function times ({ webhooks, signups }: Rate, share: number): Rate {
  return { webhooks: webhooks * share, signups: signups * share }
}

/** @returns how long it took, in milliseconds; the longest time that is waited when something is left */
async function untilDelivered (sampler: Sampler): Promise<number> {
  const begin = performance.now()
  do {
    await delay(50)
  } while (performance.now() - begin < PATIENCE_MS && await sampler.queue() > 0)
  return performance.now() - begin
}
