import { now } from '../../harness/fake-affitor.js'
import { openLoop } from '../../harness/load.js'
import { median, percentile } from '../../harness/statistics.js'
import { checkCalls, startAffitor } from '../affitor.js'
import type { Affitor } from '../affitor.js'
import { inTurns } from '../rounds.js'
import type { Row } from '../row.js'
import { startService, startSide } from '../servers.js'
import { makeWebhooks } from '../webhooks.js'

/** Few enough that each finds everything idle. */
const IDLE_PER_SECOND = 7
const BUSY_PER_SECOND = 200
/** Longest time in which the last calls arrive, in milliseconds. */
const PATIENCE_MS = 20_000

export const latency: Row = {
  name: 'latency',
  title: 'webhook sent to call at Affitor',

  async measure (setting) {
    const { quick } = setting
    const [ours, others] = [await setting.database('latency'), await setting.database('latency_others')]
    const [affitor, othersAffitor] = await Promise.all([startAffitor(setting, 0), startAffitor(setting, 0)])
    const [service, polling] = await Promise.all([
      startService(setting, { database: ours, affitorUrl: affitor.url, workers: true }),
      startSide(setting, 'transactional', { DATABASE_URL: others.url, AFFITOR_API_URL: othersAffitor.url, JOBS_AT_ONCE: '32' })
    ])

    const busy = quick ? 20 : BUSY_PER_SECOND
    const problems: string[] = []
    const travel = (url: string, to: Affitor, perSecond: number, seconds: number) => async () => {
      const { times, problems: found } = await sendAtRate(url, to, perSecond, seconds)
      problems.push(...found)
      return { p50: median(times), p99: percentile(times, 0.99) }
    }
    const idleSeconds = quick ? 1 : 6
    const busySeconds = quick ? 1 : 5
    const figures = await inTurns(setting, 4, {
      roundTrip: async () => ({ p50: await roundTrip(affitor.url, 200), p99: NaN }),
      idle: travel(service.url, affitor, IDLE_PER_SECOND, idleSeconds),
      busy: travel(service.url, affitor, busy, busySeconds),
      pollingIdle: travel(polling.url, othersAffitor, IDLE_PER_SECOND, idleSeconds),
      pollingBusy: travel(polling.url, othersAffitor, busy, busySeconds)
    })

    const p50 = (side: keyof typeof figures) => figures[side].map(figure => figure.p50)
    const p99 = (side: keyof typeof figures) => figures[side].map(figure => figure.p99)
    return {
      sides: [
        { role: 'ours', what: 'p50 idle', unit: 'ms', rounds: p50('idle') },
        { role: 'ours', what: 'p99 idle', unit: 'ms', rounds: p99('idle') },
        { role: 'ours', what: `p50 at ${busy}/s`, unit: 'ms', rounds: p50('busy') },
        { role: 'ours', what: `p99 at ${busy}/s`, unit: 'ms', rounds: p99('busy') },
        { role: 'limit', what: 'one HTTP round trip', unit: 'ms', rounds: p50('roundTrip') },
        { role: 'other', what: 'polling once a second, p50 idle', unit: 'ms', rounds: p50('pollingIdle') },
        { role: 'other', what: `polling once a second, p99 at ${busy}/s`, unit: 'ms', rounds: p99('pollingBusy') }
      ],
      targets: [
        { what: 'p50 idle', unit: 'ms', rounds: p50('idle'), atMost: 25 },
        { what: `p99 at ${busy}/s`, unit: 'ms', rounds: p99('busy'), atMost: 250 }
      ],
      notes: [`From when the webhook is due to be sent, its acceptance included. Idle: ${IDLE_PER_SECOND} a second.`],
      problems
    }
  }
}

/** Sends webhooks at a fixed rate. @returns how long after it was due to be sent each one's call arrived */
async function sendAtRate (url: string, affitor: Affitor, perSecond: number, seconds: number): Promise<{ times: number[], problems: string[] }> {
  const made = makeWebhooks(perSecond * seconds)
  const dueAt = new Map<string, number>()
  const waiting = made.values()
  const offset = now() - performance.now()
  let failures = 0
  await openLoop({ perSecond, seconds, mostInFlight: Infinity }, async dueTime => {
    const { sessionId, request: { path, ...request } } = waiting.next().value as typeof made[number]
    dueAt.set(sessionId, dueTime + offset)
    const response = await fetch(`${url}${path}`, request).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.status !== 200) failures++
  })
  const calls = await callsOf(affitor, made.length)
  return {
    times: calls.map(({ key, at }) => at - (dueAt.get(key) ?? NaN)),
    problems: [...checkCalls(url, [...dueAt.keys()], calls), ...(failures === 0 ? [] : [`${url}: ${failures} webhooks were not answered 200`])]
  }
}

async function callsOf (affitor: Affitor, count: number) {
  const calls = await affitor.calls()
  for (const end = now() + PATIENCE_MS; calls.length < count && now() < end;) {
    await new Promise(resolve => setTimeout(resolve, 50))
    calls.push(...await affitor.calls())
  }
  return calls
}

/** The median of some HTTP round trips on loopback, in milliseconds. */
async function roundTrip (url: string, count: number): Promise<number> {
  const times: number[] = []
  for (let index = 0; index < count; index++) {
    const begin = now()
    await (await fetch(url)).arrayBuffer()
    times.push(now() - begin)
  }
  return median(times)
}
