import { setTimeout as delay } from 'node:timers/promises'

/** Longest that a page waits for Stripe, in milliseconds. */
export const PAGE_PATIENCE_MS = 2_000

/**
 * What Stripe answers, or undefined when whoever waits can wait no longer. The request goes on meanwhile. The client's
 * own time-out is no such bound: it begins anew with each try, and with each piece of an answer.
 * @param ms longest wait, in milliseconds
 */
export async function inTime<T> (answer: Promise<T>, ms: number): Promise<T | undefined> {
  return await Promise.race([answer, delay(ms, undefined, { ref: false })])
}
