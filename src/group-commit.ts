import { setTimeout as delay } from 'node:timers/promises'

export interface GroupCommitOptions<Item, Result> {
  /** Stores items in one transaction; resolves, once they are committed, to a result for each, in their order. */
  store: (items: Item[]) => Promise<Result[]>
  /** Whether a failure has nothing to do with the items: then none of them is tried alone. */
  isOutage: (error: unknown) => boolean
  /** Size of an item in bytes; absent: they are small. */
  sizeOf?: (item: Item) => number
  /** Most items of one transaction. */
  mostItems: number
  /** Most transactions at once: while one waits for the disk, another gets its rows ready. */
  atOnce: number
  /** Least time from one transaction to the next where nobody waits for the result, in milliseconds. */
  gapMs?: number
  /** Told how many items a transaction has. */
  onGroup?: (size: number) => void
}

/** Most bytes of one transaction. */
const MOST_BYTES = 4 * 1024 * 1024
/** Items beyond this are turned away: whoever sent them would have given up before their turn. */
const MOST_WAITING = 2_000

/** An item was turned away, as too many wait. */
export class QueueFullError extends Error {
  override name = 'QueueFullError'
}

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/**
 * Lets what is to be stored at the same moment share a transaction, and with it the wait for the disk. An item that
 * comes alone is stored at once. One that cannot be stored fails alone.
 */
export function groupCommit<Item, Result> (options: GroupCommitOptions<Item, Result>): (item: Item) => Promise<Result> {
  const { store, isOutage, sizeOf = () => 0, mostItems, atOnce, gapMs = 0, onGroup } = options
  const waiting: Array<Waiting<Item, Result>> = []
  let transactions = 0

  /** The next items in line, as many as one transaction takes. */
  function takeGroup (): Array<Waiting<Item, Result>> {
    let bytes = 0
    const end = waiting.findIndex(({ item }, i) => {
      bytes += sizeOf(item)
      return i > 0 && (i >= mostItems || bytes > MOST_BYTES)
    })
    return waiting.splice(0, end === -1 ? waiting.length : end)
  }

  async function run (group: Array<Waiting<Item, Result>>): Promise<void> {
    onGroup?.(group.length)
    try {
      const results = await store(group.map(({ item }) => item))
      group.forEach(({ resolve }, i) => { resolve(results[i] as Result) })
    } catch (error) {
      if (group.length > 1 && !isOutage(error)) for (const one of group) await run([one])
      else for (const { reject } of group) reject(error)
    }
  }

  async function work (): Promise<void> {
    transactions += 1
    // What comes within the same turn of the event loop, comes together.
    await Promise.resolve()
    while (waiting.length > 0) {
      await run(takeGroup())
      if (gapMs > 0) await delay(gapMs)
    }
    transactions -= 1
  }

  return async item => await new Promise((resolve, reject) => {
    if (waiting.length >= MOST_WAITING) {
      reject(new QueueFullError(`${MOST_WAITING} items wait already`))
      return
    }
    waiting.push({ item, resolve, reject })
    if (transactions < atOnce) void work()
  })
}
