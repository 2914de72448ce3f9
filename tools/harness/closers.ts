/** What must be undone: in the reverse order, once, also when the run is interrupted. */
export class Closers {
  readonly #ends: Array<() => Promise<unknown>> = []
  #last: Promise<unknown> = Promise.resolve()

  /** How much there is to be undone. */
  get depth (): number { return this.#ends.length }

  add (end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  /** Undoes everything that was added after the depth was this, once an earlier call has done so. */
  async close (depth = 0): Promise<void> {
    const closed = this.#last.then(() => this.#undo(depth))
    this.#last = closed.catch(() => {})
    await closed
  }

  /** What fails does not keep the rest from being undone. */
  async #undo (depth: number): Promise<void> {
    const failures: unknown[] = []
    while (this.#ends.length > depth) await this.#ends.pop()?.().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw failures[0]
  }
}
