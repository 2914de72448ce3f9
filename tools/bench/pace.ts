import { setTimeout as delay } from 'node:timers/promises'

/**
 * Begins work at a fixed rate, whether or not earlier work is done, as callers do who know nothing of each other.
 * @param work is given the time at which it was to begin, by `performance.now()`
 * @returns once all of it is done
 */
export async function atRate (perSecond: number, count: number, work: (dueAt: number) => Promise<void>): Promise<void> {
  const begin = performance.now()
  const begun: Array<Promise<void>> = []
  while (begun.length < count) {
    const dueAt = begin + begun.length / perSecond * 1_000
    if (dueAt > performance.now()) await delay(dueAt - performance.now())
    begun.push(work(dueAt))
  }
  await Promise.all(begun)
}
