import { counterparts, shapes } from './alternatives.js'
import type { Alternative } from './alternatives.js'
import { componentOf } from './document.js'
import type { AnySchema, Documents, Schema } from './document.js'
import { boundChanges, defaultChanges, valueChanges } from './values.js'
import { mayBe } from './wording.js'
import type { Direction } from './wording.js'

type Compare = (place: string, was: AnySchema | undefined, now: AnySchema | undefined) => string[]

/**
 * What breaks clients between two versions of a schema. One side sends and the other reads: in a request the client
 * sends what it was written for, in an answer the service what it is now. Each shape that is sent must be readable.
 */
export function schemaChanges (
  direction: Direction, place: string, was: AnySchema | undefined, now: AnySchema | undefined, documents: Documents
): string[] {
  const name = componentOf(was)
  if (name === undefined || name !== componentOf(now)) return nodeChanges(direction, place, was, now, documents, [])
  // What is told of a component does not depend on the place, and errors are those of every operation.
  const key = `${direction} ${name}`
  const changes = documents.known.get(key) ?? nodeChanges(direction, place, was, now, documents, [])
  documents.known.set(key, changes)
  return changes
}

function nodeChanges (
  direction: Direction, place: string, was: AnySchema | undefined, now: AnySchema | undefined, documents: Documents,
  compared: ReadonlyArray<readonly [AnySchema, AnySchema]>
): string[] {
  const pair = [was ?? true, now ?? true] as const
  // Schemas may hold themselves.
  if (compared.some(([one, other]) => one === pair[0] && other === pair[1])) return []
  const compare: Compare = (place, was, now) => nodeChanges(direction, place, was, now, documents, [...compared, pair])
  const outer = placeOf(place, componentOf(pair[0]), componentOf(pair[1]))
  const before = shapes(pair[0], documents.released)
  const after = shapes(pair[1], documents.current)
  const [sent, read] = direction === 'request' ? [before, after] : [after, before]
  const changes = sent.flatMap(shape => {
    const found = counterparts(shape, sent, read).map(other => {
      const [was, now] = direction === 'request' ? [shape, other] : [other, shape]
      return shapeChanges(direction, placeOf(outer, was.name, now.name), was.schema, now.schema, compare)
    })
    const [closest] = found.sort((one, other) => one.length - other.length)
    return closest ?? [mayBe(direction, outer, labelOf(shape))]
  })
  return [...new Set(changes)]
}

function labelOf ({ name, schema: { title, type } }: Alternative): string {
  return (type === 'object' ? name ?? title : undefined) ?? type ?? 'of any type'
}

/** A component is told of by its name, wherever it is used. */
function placeOf (place: string, was: string | undefined, now: string | undefined): string {
  return was !== undefined && was === now ? was : place
}

function shapeChanges (direction: Direction, place: string, was: Schema, now: Schema, compare: Compare): string[] {
  return [
    ...valueChanges(direction, place, was, now),
    ...boundChanges(direction, place, was, now),
    ...defaultChanges(direction, place, was, now),
    ...fieldChanges(direction, place, was, now, compare),
    ...otherFieldChanges(direction, place, was, now, compare),
    ...(was.items === undefined && now.items === undefined ? [] : compare(`${place}[]`, was.items, now.items))
  ]
}

function fieldChanges (direction: Direction, place: string, was: Schema, now: Schema, compare: Compare): string[] {
  const [before, after] = [was.properties ?? {}, now.properties ?? {}]
  const [kept, gone] = [Object.keys(before).filter(name => Object.hasOwn(after, name)), Object.keys(before).filter(name => !Object.hasOwn(after, name))]
  const [needed, ensured] = direction === 'request' ? [now.required, was.required] : [was.required, now.required]
  const required = (needed ?? []).filter(name => ensured?.includes(name) !== true && !gone.includes(name))
  return [
    // A request's field that is gone is refused, or has no effect any more.
    ...gone.map(name => `${place}.${name} is gone`),
    ...required.map(name => `${place}.${name} ${direction === 'request' ? 'is required now' : 'may be absent now'}`),
    ...kept.flatMap(name => compare(`${place}.${name}`, before[name], after[name]))
  ]
}

/** Fields without a name of their own in the schema, such as the entries of a map. */
function otherFieldChanges (direction: Direction, place: string, was: Schema, now: Schema, compare: Compare): string[] {
  const [before, after] = [was.additionalProperties, now.additionalProperties]
  if (before === false || before === after) return []
  // That an answer may hold more than its schema says was no promise of it.
  if (after === false) return before === undefined && direction === 'response' ? [] : [`${place} may not have other fields any more`]
  const added = typeof before === 'object' ? Object.keys(now.properties ?? {}).filter(name => !Object.hasOwn(was.properties ?? {}, name)) : []
  return [
    ...compare(`${place}.*`, before, after),
    ...added.flatMap(name => compare(`${place}.${name}`, before, now.properties?.[name]))
  ]
}
