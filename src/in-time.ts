import { setTimeout as delay } from 'node:timers/promises'

/**
 * What is answered, or undefined when whoever waits can wait no longer. The question goes on meanwhile. A client's own
 * time-out is no such bound: it begins anew with each try, and with each piece of an answer.
 * @param ms longest wait, in milliseconds
 */
export async function inTime<T> (answer: Promise<T>, ms: number): Promise<T | undefined> {
  return await Promise.race([answer, delay(ms, undefined, { ref: false })])
}
