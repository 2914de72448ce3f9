import { spreadOf } from '../harness/statistics.js'
import type { OverloadResult } from './overload.js'
import type { Sample } from './sampler.js'
import { POOL_SIZE } from './setting.js'
import type { SoakResult } from './soak.js'

/** A figure of the first and of the last third, and the most that the last may be. */
export interface Row { what: string, first: number, last: number, most: number }

/** A second in which the callers were this late is not one in which latencies say anything, in milliseconds. */
const DISTURBED_MS = 100
const HEAP_GROWTH_MB = 8
/** Beside the heap: memory of passwords in work, buffers, and what the allocator keeps. */
const RESIDENT_GROWTH_MB = 64
/** Connections to Affitor and the database that are kept for a while come and go with the calls. */
const DESCRIPTORS_GROWTH = 16
const LATENCY_GROWTH = 1.5
const LATENCY_FLOOR_MS = 100
/** How much longer the queue may be than at first, in seconds of load. */
const QUEUE_SECONDS = 2

/** What is compared of a soak; latencies only if enough of both thirds was undisturbed. */
export function compareThirds ({ samples, heapMb, rate }: SoakResult): { rows: Row[], disturbed: number } {
  const third = Math.floor(samples.length / 3)
  const [first, last] = [samples.slice(0, third), samples.slice(-third)]
  const row = (what: string, figure: (sample: Sample) => number, most: (first: number) => number): Row => {
    const before = spreadOf(first.map(figure)).p50
    return { what, first: before, last: spreadOf(last.map(figure)).p50, most: most(before) }
  }
  const latency = (what: string, figure: (sample: Sample) => number): Row => {
    const [before, after] = [first, last].map(part => spreadOf(part.filter(isUndisturbed).map(figure)).p50) as [number, number]
    return { what, first: before, last: after, most: LATENCY_GROWTH * before + LATENCY_FLOOR_MS }
  }
  const isJudged = [first, last].every(part => part.filter(isUndisturbed).length >= part.length / 2)
  return {
    disturbed: samples.filter(sample => !isUndisturbed(sample)).length,
    rows: [
      { what: 'heap after collection, MB', first: heapMb.before, last: heapMb.after, most: heapMb.before + HEAP_GROWTH_MB },
      row('resident memory, MB', sample => sample.residentMb, before => before + RESIDENT_GROWTH_MB),
      row('open descriptors', sample => sample.descriptors, before => before + DESCRIPTORS_GROWTH),
      row('database connections', sample => sample.connections, () => POOL_SIZE + 1),
      row('queue', sample => sample.queue, before => before + QUEUE_SECONDS * (rate.webhooks + rate.signups)),
      ...(isJudged
        ? [
            latency('webhooks p50, ms', sample => sample.webhooks.p50),
            latency('webhooks p99, ms', sample => sample.webhooks.p99),
            latency('signups p50, ms', sample => sample.signups.p50),
            latency('signups p99, ms', sample => sample.signups.p99)
          ]
        : [])
    ]
  }
}

function isUndisturbed ({ callersLate }: Sample): boolean {
  return callersLate < DISTURBED_MS
}

/** @returns what a soak violated */
export function judgeSoak (result: SoakResult): string[] {
  const faults = [...result.refused].filter(([status]) => status !== 503)
  return [
    ...compareThirds(result).rows.filter(({ last, most }) => last > most).map(({ what, last, most }) =>
      `${what}: ${last.toFixed(1)} in the last third, at most ${most.toFixed(1)} allowed`),
    ...faults.map(([status, count]) => `${count} requests were answered ${status}`),
    ...result.violations
  ]
}

/** Share of what it does without overload that it must do in it. */
const GOODPUT = 0.5
/** Half of what the callers have patience for. */
const LONGEST_ACCEPTED_MS = 15_000
const LONGEST_RECOVERY_MS = 5_000
const OVERLOAD_GROWTH_MB = 300

/** @returns what the service did wrong in an overload */
export function judgeOverload (result: OverloadResult): string[] {
  const { what, statuses, sustainable, accepted, acceptedMs, withoutRetryAfter, liveFailed, residentMb, mostResidentMb, recoveryMs } = result
  const faults = Object.entries(statuses).filter(([status]) => !['200', '201', '503'].includes(status))
  const least = GOODPUT * Math.min(sustainable.before, sustainable.after)
  return [
    ...faults.map(([status, count]) => `${count} requests were answered ${status}`),
    ...(withoutRetryAfter > 0 ? [`${withoutRetryAfter} answers 503 had no Retry-After`] : []),
    ...(accepted < least ? [`only ${accepted.toFixed(0)} a second were accepted, at least ${least.toFixed(0)} expected`] : []),
    ...(acceptedMs.p99 > LONGEST_ACCEPTED_MS ? [`accepted requests took ${acceptedMs.p99.toFixed(0)} ms (p99)`] : []),
    ...(liveFailed > 0 ? [`${liveFailed} liveness checks failed`] : []),
    ...(mostResidentMb > residentMb.before + OVERLOAD_GROWTH_MB ? [`resident memory grew to ${mostResidentMb.toFixed(0)} MB`] : []),
    ...(recoveryMs > LONGEST_RECOVERY_MS ? [`it took ${recoveryMs.toFixed(0)} ms until answers were as before`] : [])
  ].map(violation => `${what}: ${violation}`)
}
