import { isStorable } from '../../schemas/common.js'

const MAX_TEXT = 2_000
const MAX_JSON = 8_000

/** A text as PostgreSQL can keep it: without NUL, and of bounded length. */
export function storable<T extends string | null> (text: T): T {
  return (text === null ? null : cut(withoutUnstorable(text), MAX_TEXT)) as T
}

/** A foreign JSON value as PostgreSQL can keep it; one that is too large is kept as the start of its text. */
export function storableJson (value: unknown): unknown {
  if (value === undefined || value === null) return null
  try {
    const text = JSON.stringify(value, (_key, part: unknown) => storablePart(part))
    return text.length <= MAX_JSON ? JSON.parse(text) : cut(text, MAX_JSON)
  } catch {
    // Nested deeper than the stack.
    return null
  }
}

function storablePart (part: unknown): unknown {
  if (typeof part === 'string') return withoutUnstorable(part)
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [withoutUnstorable(key), inner]))
}

/** Without its NULs, and with a replacement character for each half of a surrogate pair. */
function withoutUnstorable (text: string): string {
  return isStorable(text) ? text : Buffer.from(text.replaceAll('\u0000', '')).toString()
}

/** A cut may go through a surrogate pair. */
function cut (text: string, length: number): string {
  return text.length <= length ? text : withoutUnstorable(text.slice(0, length))
}
