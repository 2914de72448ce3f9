import { isDeepStrictEqual } from 'node:util'
import type { Schema } from './document.js'
import { isNow, mayBe } from './wording.js'
import type { Direction } from './wording.js'

const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
/** What is as it was or is another; which of two takes more is not looked into. */
const FORMS = [
  'pattern', 'format', 'multipleOf', 'uniqueItems', 'contentEncoding', 'contentMediaType', 'not', 'if', 'then', 'else', 'prefixItems',
  'patternProperties', 'propertyNames', 'contains', 'dependentRequired'
]

/** Enumerated values: a request must still take all of them, an answer may bring no new ones. */
export function valueChanges (direction: Direction, place: string, was: Schema, now: Schema): string[] {
  const [sent, read] = direction === 'request' ? [was.enum, now.enum] : [now.enum, was.enum]
  if (read === undefined) return []
  // Clients of the released document were told that there will be more.
  if (direction === 'response' && was['x-extensible-enum'] !== undefined) return []
  if (sent === undefined) return [`${place} is ${direction === 'request' ? 'limited now' : 'not limited any more'} to ${read.map(String).join(', ')}`]
  return sent.filter(value => !read.some(other => isDeepStrictEqual(other, value))).map(value => mayBe(direction, place, value))
}

/** Bounds and forms: what is read must take all that may be sent. */
export function boundChanges (direction: Direction, place: string, was: Schema, now: Schema): string[] {
  const [sent, read] = direction === 'request' ? [was, now] : [now, was]
  // Lengths and counts begin at 0, whether it is written or not.
  const lowest = (schema: Schema, key: string) => Number(schema[key] ?? (/^min[A-Z]/.test(key) ? 0 : -Infinity))
  const tighter = [
    ...LOWER.filter(key => read[key] !== undefined && lowest(sent, key) < lowest(read, key)),
    ...UPPER.filter(key => read[key] !== undefined && Number(sent[key] ?? Infinity) > Number(read[key])),
    ...FORMS.filter(key => read[key] !== undefined && read[key] !== false && !isDeepStrictEqual(sent[key], read[key]))
  ]
  return tighter.map(key => isNow(place, key, was[key], now[key]))
}

/** Who leaves a field out relies on what it means. */
export function defaultChanges (direction: Direction, place: string, was: Schema, now: Schema): string[] {
  if (direction === 'response' || was.default === undefined || isDeepStrictEqual(was.default, now.default)) return []
  return [isNow(place, 'default', was.default, now.default)]
}
