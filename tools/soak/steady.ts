import { setTimeout as delay } from 'node:timers/promises'
import { openLoop } from '../harness/load.js'
import type { Sampler } from './sampler.js'
import type { Traffic } from './traffic.js'

/** Requests in a second. */
export interface Rate { webhooks: number, signups: number }

const MOST_IN_FLIGHT = 500
const AGAIN_MS = 1_000

/** Requests that were not accepted at once: how often each status was answered; 0: no answer. */
export type Refused = Map<number, number>

export interface SteadyLoadOptions {
  traffic: Traffic
  /** Takes the latencies. */
  sampler: Sampler
  rate: Rate
  seconds: number
  /** Is added to. */
  refused: Refused
}

/**
 * A steady load, in an open loop. Webhooks that are not accepted come again until they are, as Stripe brings them;
 * the latency is that of the first try, from the time at which it was to start.
 * @returns requests that did not come, as too many were under way
 */
export async function steadyLoad ({ traffic, sampler, rate, seconds, refused }: SteadyLoadOptions): Promise<number> {
  const note = (status: number) => { refused.set(status, (refused.get(status) ?? 0) + 1) }
  const loop = { seconds, mostInFlight: MOST_IN_FLIGHT }
  const [webhooks, signups] = await Promise.all([
    openLoop({ ...loop, perSecond: rate.webhooks }, async intendedAt => {
      const send = traffic.makeWebhook()
      let { status } = await send()
      sampler.webhooks.push(performance.now() - intendedAt)
      for (; status !== 200; { status } = await send()) {
        note(status)
        await delay(AGAIN_MS)
      }
    }),
    openLoop({ ...loop, perSecond: rate.signups }, async intendedAt => {
      const { status } = await traffic.signUp()
      sampler.signups.push(performance.now() - intendedAt)
      if (status !== 201) note(status)
    })
  ])
  return webhooks.leftOut + signups.leftOut
}
