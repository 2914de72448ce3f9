export interface Spread { count: number, p50: number, p99: number, most: number }

/** Durations in milliseconds, collected until they are taken. */
export class Latencies {
  #values: number[] = []

  add (ms: number): void {
    this.#values.push(ms)
  }

  /** What was collected since the last time. */
  take (): Spread {
    const spread = spreadOf(this.#values)
    this.#values = []
    return spread
  }
}

export function spreadOf (values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { count: sorted.length, p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), most: sorted.at(-1) ?? 0 }
}

export function median (values: number[]): number {
  return quantile(values.toSorted((a, b) => a - b), 0.5)
}

/** @param sorted ascending; 0 when there is none */
function quantile (sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
