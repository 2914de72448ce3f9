/**
 * Asks once for all checks that need the answer. The first of them gives its signal, where there is one: they run side by
 * side, and have the same time.
 */
export function once<Given extends [signal?: AbortSignal], T> (ask: (...given: Given) => Promise<T>): (...given: Given) => Promise<T> {
  let answer: Promise<T> | undefined
  return async (...given) => await (answer ??= ask(...given).catch((error: unknown) => {
    if (given[0]?.aborted !== true) throw error
    // The time of each check is up within a moment, and it then says so itself.
    return new Promise<T>(() => {})
  }))
}
