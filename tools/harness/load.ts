import { setTimeout as delay } from 'node:timers/promises'

export interface OpenLoopOptions {
  perSecond: number
  seconds: number
  /** Further ones are left out while so many are under way. */
  mostInFlight: number
}

export interface Sent { started: number, leftOut: number }

/**
 * Starts `work` at a fixed rate whether or not earlier work is done, as callers who know nothing of each other do. A
 * loop that waits for answers would come less often the slower they are, and so not see most of a stall.
 * @param work is given the time at which it was to start, by `performance.now()`; it must not reject
 * @returns once the last of it is done
 */
export async function openLoop ({ perSecond, seconds, mostInFlight }: OpenLoopOptions, work: (intendedAt: number) => Promise<void>): Promise<Sent> {
  const total = Math.round(perSecond * seconds)
  const stepMs = 1_000 / perSecond
  const begin = performance.now()
  const underway = new Set<Promise<void>>()
  let leftOut = 0
  for (let next = 0; next < total;) {
    const now = performance.now()
    for (; next < total && begin + next * stepMs <= now; next++) {
      if (underway.size >= mostInFlight) {
        leftOut++
        continue
      }
      const one = work(begin + next * stepMs)
      underway.add(one)
      void one.finally(() => { underway.delete(one) })
    }
    await delay(Math.max(1, begin + next * stepMs - performance.now()))
  }
  await Promise.all(underway)
  return { started: total - leftOut, leftOut }
}

/** Repeats `work` side by side for some time: as much of it as there is room for. @returns how often in a second */
export async function closedLoop (atOnce: number, seconds: number, work: () => Promise<boolean>): Promise<number> {
  const begin = performance.now()
  let done = 0
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (performance.now() - begin < seconds * 1_000) {
      if (await work()) done++
    }
  }))
  return done / (performance.now() - begin) * 1_000
}
