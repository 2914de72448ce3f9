/** Numbers from 0 to below 1, the same ones for the same seed. */
export type Random = () => number

/**
 * A stream of its own for each thing that makes choices, named by `path`: what one of them draws does not depend on
 * when the others draw.
 */
export function randomFrom (seed: number, ...path: Array<string | number>): Random {
  let state = hash(`${seed}/${path.join('/')}`)
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a, 32 bits. */
function hash (text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}

/** A whole number from `least` to `most`. */
export function between (random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1))
}

export function pick<T> (random: Random, items: readonly T[]): T {
  return items[between(random, 0, items.length - 1)] as T
}

export function shuffled<T> (items: readonly T[], random: Random): T[] {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const other = between(random, 0, last)
    const moved = result[last] as T
    result[last] = result[other] as T
    result[other] = moved
  }
  return result
}
