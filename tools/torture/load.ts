import { setTimeout as delay } from 'node:timers/promises'
import { between, randomFrom } from '../harness/random.js'
import { live } from './customer.js'
import type { World } from './customer.js'

/** Longest time between two customers, in milliseconds. */
const GAP_MS = 120

/**
 * Lets customers come until `signal` aborts, side by side; resolves when the last of them has done what it came for.
 * @throws what went wrong with any of them
 */
export async function runLoad (world: World, seed: number, cycle: number, signal: AbortSignal): Promise<void> {
  const arrivals = randomFrom(seed, 'arrivals', cycle)
  const customers: Array<Promise<void>> = []
  for (let n = 0; !signal.aborted; n++) {
    const customer = live(world, randomFrom(seed, 'customer', cycle, n), `c${cycle}.${n}@example.com`)
    // Looked at when all have come.
    customer.catch(() => {})
    customers.push(customer)
    await delay(between(arrivals, 0, GAP_MS), undefined, { signal }).catch(() => {})
  }
  await Promise.all(customers)
}
