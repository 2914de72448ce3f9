/** What must be undone: in the reverse order, once, also when the run is interrupted. */
export class Closers {
  readonly #ends: Array<() => Promise<unknown>> = []

  /** How much there is to be undone. */
  get depth (): number { return this.#ends.length }

  add (end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  /** Undoes everything that was added after the depth was this; what fails does not keep the rest from it. */
  async close (depth = 0): Promise<void> {
    const failures: unknown[] = []
    while (this.#ends.length > depth) await this.#ends.pop()?.().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
}
