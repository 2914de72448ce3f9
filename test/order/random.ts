/** A repeatable source of numbers from 0 to below 1 (mulberry32). */
export type Random = () => number

export function randomFrom (seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number below `limit`. */
export function below (random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

export function shuffled<T> (items: readonly T[], random: Random): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = below(random, last + 1)
    const moved = result[last] as T
    result[last] = result[other] as T
    result[other] = moved
  }
  return result
}

/** Orders of `items`, without repetition and at most `limit`: the reverse, then others at random. */
export function ordersOf<T> (items: readonly T[], limit: number, random: Random): T[][] {
  const indexes = items.map((_, index) => index)
  const found = new Map<string, number[]>()
  const wanted = Math.min(limit, factorial(items.length))
  for (let order = indexes.toReversed(); found.size < wanted; order = shuffled(indexes, random)) found.set(order.join(), order)
  return [...found.values()].map(order => order.map(index => items[index] as T))
}

export function factorial (n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1)
}
