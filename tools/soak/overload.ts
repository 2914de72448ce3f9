import { closedLoop, openLoop } from '../harness/load.js'
import { spreadOf } from '../harness/statistics.js'
import type { Spread } from '../harness/statistics.js'
import type { Answer } from './caller.js'
import { processFigures } from './process-figures.js'
import type { Setting } from './setting.js'
import { watch } from './watch.js'
import type { Seen } from './watch.js'

export interface Kind {
  what: 'signups' | 'webhooks'
  /** Callers that wait for each answer: enough to keep the service busy, too few to be shed. */
  atOnce: number
  /** Status of an accepted request. */
  accepts: number
  ask (): Promise<Answer>
}

export interface OverloadResult extends Seen {
  what: Kind['what']
  /** Requests in a second that it did while each caller waited for its answer, before and after the overload. */
  sustainable: { before: number, after: number }
  /** Requests in a second that came, and that were accepted. */
  offered: number
  accepted: number
  /** Requests that did not come, as too many were under way. */
  leftOut: number
  /** In milliseconds. */
  acceptedMs: Spread
  shedMs: Spread
  /** How often each status was answered; 0: no answer. */
  statuses: Record<string, number>
  withoutRetryAfter: number
  residentMb: { before: number, after: number }
  /** Latency of one request at a time before the load, in milliseconds. */
  calmMs: number
  /** From the end of the load until such requests are answered as before, in milliseconds. */
  recoveryMs: number
}

const TIMES = 5
const MEASURE_SECONDS = 4
const STORM_SECONDS = 10
const MOST_IN_FLIGHT = 2_000
/** Answers in a row that make it calm. */
const CALM_ANSWERS = 10
/** Latency that is calm in any case, in milliseconds. */
const CALM_MARGIN_MS = 100
const PATIENCE_MS = 30_000

/** Finds out what the service can do, asks five times that of it, and looks at how it bears it. */
export async function overload ({ service, url, caller }: Setting, kind: Kind): Promise<OverloadResult> {
  const { what, atOnce, accepts, ask } = kind
  await untilCalm(kind, Infinity)
  const calmMs = spreadOf(await inTurn(kind)).p50
  const measure = () => closedLoop(atOnce, MEASURE_SECONDS, async () => (await ask()).status === accepts)
  const sustainable = await measure()
  const before = (await processFigures(service.pid)).residentMb

  const statuses: Record<string, number> = {}
  const acceptedMs: number[] = []
  const shedMs: number[] = []
  let withoutRetryAfter = 0
  const watching = watch({ url, pid: service.pid })
  const begin = performance.now()
  const { started, leftOut } = await openLoop({ perSecond: TIMES * sustainable, seconds: STORM_SECONDS, mostInFlight: MOST_IN_FLIGHT }, async () => {
    const sentAt = performance.now()
    const { status, retryAfter } = await ask()
    statuses[status] = (statuses[status] ?? 0) + 1
    if (status === 503 && retryAfter === undefined) withoutRetryAfter++
    ;(status === accepts ? acceptedMs : shedMs).push(performance.now() - sentAt)
  })
  const seconds = (performance.now() - begin) / 1_000
  const seen = await watching.end()
  caller.disconnect()
  const recoveryMs = await untilCalm(kind, 2 * calmMs + CALM_MARGIN_MS)
  return {
    ...seen,
    what,
    sustainable: { before: sustainable, after: await measure() },
    offered: started / seconds,
    accepted: (statuses[accepts] ?? 0) / seconds,
    leftOut,
    acceptedMs: spreadOf(acceptedMs),
    shedMs: spreadOf(shedMs),
    statuses,
    withoutRetryAfter,
    residentMb: { before, after: (await processFigures(service.pid)).residentMb },
    calmMs,
    recoveryMs
  }
}

/** Latencies of requests one after the other; of one that is not accepted: for ever. */
async function inTurn ({ ask, accepts }: Kind): Promise<number[]> {
  const latencies: number[] = []
  for (let n = 0; n < CALM_ANSWERS; n++) {
    const begin = performance.now()
    const { status } = await ask()
    latencies.push(status === accepts ? performance.now() - begin : Infinity)
  }
  return latencies
}

/** Time until several requests in a row are accepted, half of them within `limitMs`. */
async function untilCalm (kind: Kind, limitMs: number): Promise<number> {
  const begin = performance.now()
  for (;;) {
    const start = performance.now()
    const latencies = await inTurn(kind)
    const isCalm = Math.max(...latencies) < Infinity && spreadOf(latencies).p50 <= limitMs
    if (isCalm || start - begin > PATIENCE_MS) return start - begin
  }
}
