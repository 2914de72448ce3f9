/** The value below which a share of the values lies, such as 0.99. */
export function percentile (values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

/** The value in the middle, or the mean of the two that are. */
export function median (values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/**
 * Ratios round by round. Both sides of a round were measured right after one another, so what else the machine did
 * then is in both, and a ratio of theirs says more than one of the medians.
 */
export function ratios (above: number[], below: number[]): number[] {
  return above.map((value, round) => value / (below[round] ?? NaN))
}

export interface Spread { count: number, p50: number, p99: number, most: number }

/** All 0 when there is no value. */
export function spreadOf (values: number[]): Spread {
  if (values.length === 0) return { count: 0, p50: 0, p99: 0, most: 0 }
  return { count: values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99), most: percentile(values, 1) }
}
