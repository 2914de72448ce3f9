import { setTimeout as delay } from 'node:timers/promises'

/** Longest that a page waits for Stripe, in milliseconds. */
const PATIENCE_MS = 2_000

/** What Stripe answers, or undefined when a page can wait no longer. The request goes on meanwhile. */
export async function inTime<T> (answer: Promise<T>): Promise<T | undefined> {
  return await Promise.race([answer, delay(PATIENCE_MS, undefined, { ref: false })])
}
