/**
 * Returns a function that asks at most once in a time, however many want to know.
 * @param lifetimeMs how long an answer, or the lack of one, is good for, in milliseconds
 */
export function recentAnswer<T> (lifetimeMs: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { at: number, answer: Promise<T> } | undefined
  return async () => {
    if (last === undefined || performance.now() - last.at > lifetimeMs) last = { at: performance.now(), answer: ask() }
    return await last.answer
  }
}
