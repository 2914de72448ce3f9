/**
 * Exponential backoff: the base, doubled with each attempt. For retries that need no spreading.
 * @param attempt from 1
 * @returns milliseconds, `capMs` at most
 */
export function backoffWithoutJitter (attempt: number, baseMs: number, capMs: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30))
}

/**
 * Exponential backoff with full jitter: any delay from 0 to the doubled base is as likely, so that events that
 * failed together do not come back together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt from 1
 * @returns milliseconds
 */
export function backoff (attempt: number, baseMs: number, capMs: number, random: () => number = Math.random): number {
  return Math.round(random() * backoffWithoutJitter(attempt, baseMs, capMs))
}
