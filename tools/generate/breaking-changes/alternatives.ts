import { componentOf, lookUp } from './document.js'
import type { AnySchema, Document, Schema } from './document.js'

/** One of the shapes that a value may have: a schema of at most one type, without references and unions. */
export interface Alternative {
  schema: Schema & { type?: string }
  /** Under which name the document keeps it. */
  name?: string | undefined
}

/** All shapes of a value, however the document writes them: by reference, as a union, or as several types. */
function alternatives (node: AnySchema, document: Document, followed: string[] = []): Alternative[] {
  if (node === true) return [{ schema: {} }]
  if (node === false) return []
  const { $ref, allOf = [], anyOf, oneOf, ...own } = node
  // A union that holds itself has no further shape by that.
  if ($ref !== undefined && followed.includes($ref)) return []
  const inside = $ref === undefined ? followed : [...followed, $ref]
  const named = $ref === undefined ? [] : [alternatives(lookUp($ref, document) as AnySchema ?? true, document, inside).map(({ schema, name }) => ({ schema, name: name ?? componentOf({ $ref }) }))]
  const parts = allOf.map(part => alternatives(part, document, inside).map(found => allOf.length === 1 ? found : withoutName(found)))
  const unions = [anyOf, oneOf].filter(union => union !== undefined).map(union => union.flatMap(member => alternatives(member, document, inside)))
  return [...named, ...parts, ...unions]
    .reduce<Merged[]>((all, next) => all.flatMap(one => next.map(other => merge(one, other))), [{ schema: unions.length === 0 ? own : untitled(own) }])
    .flatMap(eachType)
}

interface Merged { schema: Schema, name?: string | undefined }

/** What is made of several parts is none of them. */
function withoutName ({ schema }: Alternative): Alternative {
  return { schema: untitled(schema) }
}

/** A union's title is not that of each of its members. */
function untitled<Titled extends Schema> ({ title, ...schema }: Titled): Omit<Titled, 'title'> {
  return schema
}

/** Both at once. What one says itself counts before what it refers to. */
function merge (one: Merged, other: Alternative): Merged {
  const schema: Schema = { ...other.schema, ...one.schema }
  if (other.schema.type !== undefined) schema.type = other.schema.type
  if (one.schema.properties !== undefined || other.schema.properties !== undefined) schema.properties = { ...other.schema.properties, ...one.schema.properties }
  if (one.schema.required !== undefined || other.schema.required !== undefined) schema.required = [...one.schema.required ?? [], ...other.schema.required ?? []]
  return { schema, name: one.name ?? other.name }
}

function eachType ({ schema, name }: Merged): Alternative[] {
  const { type, nullable, const: only, ...rest } = schema
  const values = only === undefined ? schema.enum : [only]
  const written = [type ?? []].flat()
  const declared = written.length === 0 ? [...new Set(values?.map(typeOf))] : nullable === true ? [...written, 'null'] : written
  if (declared.length === 0) return [{ schema: rest, name }]
  const valuesOf = (type: string) => values?.filter(value => fitsType(typeOf(value), type))
  const possible = declared.filter(type => valuesOf(type)?.length !== 0)
  // Where values and type exclude each other, the type is what generated clients go by.
  return (possible.length === 0 ? declared : possible).map(type => type === 'null'
    ? { schema: { type } }
    : { schema: { ...rest, type, ...(values === undefined ? {} : { enum: valuesOf(type) ?? [] }) }, name })
}

function typeOf (value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
}

/** Whether what is of the one type may be read as the other. */
function fitsType (sent: string | undefined, read: string | undefined): boolean {
  return read === undefined || sent === read || (sent === 'integer' && read === 'number')
}

/** An alternative of a value, with what it may be known by among the others: the best first. */
export interface Shape extends Alternative { known: Array<string | undefined> }

/** All shapes of a value. Objects are known by the value that tells them apart, by name and by title; others by nothing. */
export function shapes (node: AnySchema, document: Document): Shape[] {
  const all = alternatives(node, document)
  const marks = marksOf(all.filter(({ schema }) => schema.type === 'object'), document)
  return all.map(one => ({ ...one, known: one.schema.type === 'object' ? [marks.get(one), one.name, one.schema.title] : [] }))
}

/** The values of the first field that has one value in each object, and another in each. */
function marksOf (objects: Alternative[], document: Document): Map<Alternative, string> {
  for (const field of Object.keys(objects[0]?.schema.properties ?? {})) {
    const values = objects.map(({ schema }) => alternatives(schema.properties?.[field] ?? true, document).flatMap(({ schema }) => schema.enum ?? [undefined, undefined]))
    const single = values.flatMap(list => list.length === 1 ? [`${field}=${String(list[0])}`] : [])
    if (new Set(single).size === objects.length) return new Map(objects.map((object, index) => [object, single[index] as string]))
  }
  return new Map()
}

/** With what of `read` a shape of `sent` is to be compared: its namesake, or else what is nobody's and of its type. */
export function counterparts (shape: Shape, sent: Shape[], read: Shape[]): Shape[] {
  const found = namesake(shape, read)
  if (found !== undefined) return [found]
  const taken = new Set(sent.map(one => namesake(one, read)))
  return read.filter(other => !taken.has(other) && fitsType(shape.schema.type, other.schema.type))
}

function namesake ({ known }: Shape, read: Shape[]): Shape | undefined {
  const by = known.findIndex((name, index) => name !== undefined && read.some(other => other.known[index] === name))
  return by === -1 ? undefined : read.find(other => other.known[by] === known[by])
}
