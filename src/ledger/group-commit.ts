import { ApiError } from '../errors.js'

export interface GroupCommitOptions<Item, Result> {
  /** Stores items in one statement; resolves, once they are committed, to a result for each, in their order. */
  store: (items: Item[]) => Promise<Result[]>
  /** Whether a failure has nothing to do with the items: then none of them is tried alone. */
  isOutage: (error: unknown) => boolean
  /** Size of an item in bytes. */
  sizeOf: (item: Item) => number
}

/** Most items of one statement, and most of their bytes. */
const MOST_ITEMS = 200
const MOST_BYTES = 4 * 1024 * 1024
/** While one statement waits for the disk, another gets its rows ready. */
const MOST_STATEMENTS = 2
/** Items beyond this are turned away: whoever sent them would have given up before their turn. */
const MOST_WAITING = 2_000

interface Waiting<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/**
 * Lets what is to be stored at the same moment share a statement, and with it the wait for the disk. An item that
 * comes alone is stored at once. One that cannot be stored fails alone.
 */
export function groupCommit<Item, Result> ({ store, isOutage, sizeOf }: GroupCommitOptions<Item, Result>): (item: Item) => Promise<Result> {
  const waiting: Array<Waiting<Item, Result>> = []
  let statements = 0

  /** The next items in line, as many as one statement takes. */
  function takeGroup (): Array<Waiting<Item, Result>> {
    let bytes = 0
    const end = waiting.findIndex(({ item }, i) => {
      bytes += sizeOf(item)
      return i > 0 && (i >= MOST_ITEMS || bytes > MOST_BYTES)
    })
    return waiting.splice(0, end === -1 ? waiting.length : end)
  }

  async function run (group: Array<Waiting<Item, Result>>): Promise<void> {
    try {
      const results = await store(group.map(({ item }) => item))
      group.forEach(({ resolve }, i) => { resolve(results[i] as Result) })
    } catch (error) {
      if (group.length > 1 && !isOutage(error)) for (const one of group) await run([one])
      else for (const { reject } of group) reject(error)
    }
  }

  async function work (): Promise<void> {
    statements += 1
    while (waiting.length > 0) await run(takeGroup())
    statements -= 1
  }

  return async item => await new Promise((resolve, reject) => {
    if (waiting.length >= MOST_WAITING) {
      reject(new ApiError('OVERLOADED'))
      return
    }
    waiting.push({ item, resolve, reject })
    if (statements < MOST_STATEMENTS) void work()
  })
}
