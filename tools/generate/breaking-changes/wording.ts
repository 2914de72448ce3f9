/** A request may ask for less than before, an answer may promise more. */
export type Direction = 'request' | 'response'

/** That a request may not be something any more, or that an answer may be what it could not. */
export function mayBe (direction: Direction, place: string, value: unknown): string {
  return direction === 'request' ? `${place} may not be ${shown(value)} any more` : `${place} may now be ${shown(value)}`
}

export function isNow (place: string, keyword: string, was: unknown, now: unknown): string {
  return `${place}: ${keyword} is ${shown(now)} now, and was ${shown(was)}`
}

function shown (value: unknown): string {
  return value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value)
}
