/** The value below which a share of the values lies, such as 0.99. */
export function percentile (values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN
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
