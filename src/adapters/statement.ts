/** What the adapters share. */

/**
 * A value as every driver takes it. Dates go as ISO 8601 texts: Prisma would send them without a time zone, and
 * postgres.js, under Drizzle, not at all.
 */
function toParameter (value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value ?? null
}

export const toParameters = (values: unknown[]): unknown[] => values.map(toParameter)

/**
 * Takes a statement apart at its parameters, for libraries that number them themselves.
 * @param text its `$1`, `$2`, ... in any order, as often as they like; none of them in a literal
 * @returns the text around the parameters (one part more than there are values), and the values in the text's order
 */
export function splitStatement (text: string, values: unknown[]): { parts: string[], parameters: unknown[] } {
  const parameters = toParameters(values)
  const pieces = text.split(/\$(\d+)/)
  return {
    parts: pieces.filter((_, index) => index % 2 === 0),
    parameters: pieces.filter((_, index) => index % 2 === 1).map(number => parameters[Number(number) - 1])
  }
}

/** The rows of a library's answer: some give an array of them, some an object like that of `pg`. */
export function rowsOf (answer: unknown): unknown[] {
  const rows = Array.isArray(answer) ? answer : (answer as { rows?: unknown } | null | undefined)?.rows
  if (!Array.isArray(rows)) throw new TypeError('The transaction answered without rows; only PostgreSQL is supported.')
  return [...rows]
}

/** @throws {TypeError} with the sentence, unless the value has these methods. It may be a function, as those of Knex are. */
export function requireMethods (value: unknown, names: string[], sentence: string): void {
  const methods = value as Record<string, unknown> | null | undefined
  if (names.some(name => typeof methods?.[name] !== 'function')) throw new TypeError(sentence)
}
