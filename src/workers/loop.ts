import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'

export interface LoopOptions<Item> {
  name: string
  /** Most items in hand at once. */
  concurrency: number
  /** Least number of free places for which it looks for work; default 1. */
  batch?: number
  /** Longest time between two looks for work, in milliseconds. */
  pollMs: number
  log: FastifyBaseLogger
  /**
   * Takes at most `limit` items that are due.
   * @param held those whose leases this loop has and knows of: in work, or left to their lease. One that is leased to
   * this process and not among them was claimed by a query whose answer was lost, so it is due too.
   */
  claim (limit: number, held: Item[]): Promise<Item[]>
  /**
   * Deals with one item. Resolves to whether that may have made others due. A rejection is logged; the item's lease
   * then runs out.
   */
  run (item: Item): Promise<boolean>
  /** Has what is in hand, but not begun, be given back. */
  recall? (): void
}

/**
 * Least time between two looks, in milliseconds, unless the first found more than it could take: while much comes, one
 * look finds some of it.
 */
const GAP_MS = 25

/**
 * Keeps up to `concurrency` items in hand, for as long as there are any: a polling consumer with leases, so at-least-once.
 *
 * A delivery passes three queues, and each bounds something else. This loop bounds what is leased (twice the calls that
 * may run, so that a call which ends is followed at once by one that is claimed already). `fastq` in `deliver.ts` bounds
 * the calls that run. The group commit bounds the transactions that store answers: its items share one wait for the disk.
 * One queue for two of these would claim no more than it calls, and leave each place empty for a claim's round trip
 * (bench, row drain), or commit each answer by itself.
 */
export class WorkLoop<Item> {
  readonly #options: LoopOptions<Item>
  readonly #running = new Set<Promise<void>>()
  readonly #held = new Set<Item>()
  /** Claims whose answers are on the way: what they lease, no other claim finds. */
  readonly #claims = new Set<Promise<Item[]>>()
  #pollMs: number
  #stopping = false
  /** More may be due than the last look took. */
  #more = false
  #looping: Promise<void> | undefined
  #woken = false
  #wake: () => void = () => {}

  constructor (options: LoopOptions<Item>) {
    this.#options = options
    this.#pollMs = options.pollMs
  }

  start (): void {
    this.#looping ??= this.#loop()
  }

  /** Looks for work now rather than at the next poll. */
  wake (): void {
    this.#woken = true
    this.#wake()
  }

  /** Changes the longest time between two looks, in milliseconds: others look for it, and wake it. */
  pollEvery (ms: number): void {
    this.#pollMs = ms
  }

  /** Takes no more items, and gives back those that are not begun; resolves when the others are done. */
  async stop (): Promise<void> {
    this.#stopping = true
    this.wake()
    await this.#looping
    this.#options.recall?.()
    await this.settled()
  }

  /** Resolves when nothing is in work. */
  async settled (): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Works until nothing is due, beside the loop if that is started. For tests and commands. */
  async runUntilIdle (): Promise<number> {
    let count = 0
    for (;;) {
      const taken = await this.#take()
      count += taken
      if (this.#running.size > 0) await Promise.race(this.#running)
      else if (taken === 0 && !await this.#othersFind()) return count
    }
  }

  /** Whether one of the claims that are on the way has leased something. Those that begin later find what was not due now. */
  async #othersFind (): Promise<boolean> {
    const claims = await Promise.allSettled(this.#claims)
    return claims.some(claim => claim.status === 'fulfilled' && claim.value.length > 0)
  }

  async #loop (): Promise<void> {
    const { name, log } = this.#options
    let failing = false
    while (!this.#stopping) {
      this.#woken = false
      const lookedAt = performance.now()
      try {
        await this.#take()
        if (failing) log.info({ loop: name }, 'The database answers again')
        failing = false
      } catch (error) {
        if (!failing) log.error({ err: error, loop: name }, 'Looking for work failed; trying again until it works')
        failing = true
      }
      if (!this.#woken && !this.#stopping) await this.#pause(this.#pollMs)
      if (!this.#more && !this.#stopping) await delay(Math.max(0, lookedAt + GAP_MS - performance.now()))
    }
  }

  async #take (): Promise<number> {
    const { concurrency, batch = 1 } = this.#options
    const free = concurrency - this.#running.size
    if (free < batch) {
      this.#more = true
      return 0
    }
    const claim = this.#options.claim(free, [...this.#held])
    this.#claims.add(claim)
    const items = await claim.finally(() => { this.#claims.delete(claim) })
    this.#more = items.length === free
    for (const item of items) {
      this.#held.add(item)
      const work = this.#options.run(item)
        .then(madeOthersDue => {
          this.#held.delete(item)
          return madeOthersDue
        }, error => {
          this.#options.log.error({ err: error, loop: this.#options.name }, 'An item was left to its lease')
          return true
        })
        .then(look => {
          this.#running.delete(work)
          if (look || this.#more) this.wake()
        })
      this.#running.add(work)
    }
    return items.length
  }

  async #pause (ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      // Jitter keeps processes from asking in step.
      const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 2))
      this.#wake = () => { clearTimeout(timer); resolve() }
    })
    this.#wake = () => {}
  }
}
