import { setTimeout as delay } from 'node:timers/promises'

/** Longest that a page waits for Stripe, in milliseconds. */
const PATIENCE_MS = 2_000

/** Of a request that a page waits for: a late answer helps nobody, so none is asked for twice. */
export const FOR_PAGES = { timeout: PATIENCE_MS, maxNetworkRetries: 0 }

/** What Stripe answers, or undefined when it takes too long: the client's own time-out begins once it is connected. */
export async function inTime<T> (answer: Promise<T>): Promise<T | undefined> {
  return await Promise.race([answer, delay(PATIENCE_MS, undefined, { ref: false })])
}
