import type { OpenAPIV3_1 } from 'openapi-types'

export type Schema = OpenAPIV3_1.SchemaObject & { $ref?: string }
type Document = OpenAPIV3_1.Document

/** A request may ask for less than before, a response may promise more. */
type Direction = 'request' | 'response'

/**
 * What breaks clients between two versions of a schema. In requests that is what is refused now and was taken
 * before; in responses what is missing now, or may come as something that it could not be.
 */
export function schemaChanges (
  direction: Direction, place: string, before: Schema | undefined, after: Schema | undefined, released: Document, current: Document,
  seen: ReadonlySet<string> = new Set()
): string[] {
  if (before === undefined || after === undefined) return []
  const key = `${before.$ref} ${after.$ref}`
  if (before.$ref !== undefined && seen.has(key)) return []
  const inside = new Set([...seen, key])
  const was = resolve(before, released)
  const now = resolve(after, current)
  const deeper = (path: string, a: Schema | undefined, b: Schema | undefined) => schemaChanges(direction, path, a, b, released, current, inside)
  return [
    ...valueChanges(direction, place, was, now),
    ...(direction === 'request' ? boundChanges(place, was, now) : []),
    ...propertyChanges(direction, place, was, now, deeper),
    ...('items' in was && 'items' in now ? deeper(`${place}[]`, was.items as Schema, now.items as Schema) : [])
  ]
}

function resolve (schema: Schema, document: Document): Schema {
  if (schema.$ref === undefined) return schema
  return (document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? ''] ?? {}) as Schema
}

/** Types and enumerated values: a request must still take all, a response must not bring new ones. */
function valueChanges (direction: Direction, place: string, was: Schema, now: Schema): string[] {
  return (['type', 'enum'] as const).flatMap(keyword => {
    const [a, b] = [listOf(was[keyword]), listOf(now[keyword])]
    if (a.length === 0 && (b.length === 0 || direction === 'response')) return []
    const missing = direction === 'request' ? a.filter(value => b.length > 0 && !b.includes(value)) : b.filter(value => !a.includes(value))
    return missing.map(value => direction === 'request' ? `${place} may not be ${String(value)} any more` : `${place} may now be ${String(value)}`)
  })
}

function boundChanges (place: string, was: Schema, now: Schema): string[] {
  const lower = (['minimum', 'minLength', 'minItems'] as const).filter(key => now[key] !== undefined && Number(now[key]) > Number(was[key] ?? -Infinity))
  const upper = (['maximum', 'maxLength', 'maxItems'] as const).filter(key => now[key] !== undefined && Number(now[key]) < Number(was[key] ?? Infinity))
  const form = (['pattern', 'format'] as const).filter(key => now[key] !== undefined && now[key] !== was[key])
  return [...lower, ...upper, ...form].map(key => `${place}: ${key} is ${String(now[key])} now, and was ${String(was[key] ?? 'not set')}`)
}

function propertyChanges (
  direction: Direction, place: string, was: Schema, now: Schema, deeper: (path: string, a?: Schema, b?: Schema) => string[]
): string[] {
  const [before, after] = [was.properties ?? {}, now.properties ?? {}] as [Record<string, Schema>, Record<string, Schema>]
  const kept = Object.keys(before).flatMap(name => deeper(`${place}.${name}`, before[name], after[name]))
  const required = direction === 'request'
    ? (now.required ?? []).filter(name => was.required?.includes(name) !== true).map(name => `${place}.${name} is required now`)
    : (was.required ?? []).filter(name => name in after && now.required?.includes(name) !== true).map(name => `${place}.${name} may be absent now`)
  // A request's field that is gone is refused, as unknown fields are.
  const gone = Object.keys(before).filter(name => !(name in after)).map(name => `${place}.${name} is gone`)
  return [...kept, ...required, ...gone]
}

function listOf (value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}
