const MAX_TEXT = 2_000
const MAX_JSON = 8_000

/** A text as PostgreSQL can keep it: without NUL, and of bounded length. */
export function storable<T extends string | null> (text: T): T {
  return (text === null ? null : text.replaceAll('\u0000', '').slice(0, MAX_TEXT)) as T
}

/** A foreign JSON value as PostgreSQL can keep it; one that is too large is kept as the start of its text. */
export function storableJson (value: unknown): unknown {
  if (value === undefined || value === null) return null
  const text = JSON.stringify(value).replaceAll('\\u0000', '')
  return text.length <= MAX_JSON ? JSON.parse(text) : text.slice(0, MAX_JSON)
}
