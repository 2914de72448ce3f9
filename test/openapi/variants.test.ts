import { readFile } from 'node:fs/promises'
import type { OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'

type Schema = OpenAPIV3_1.SchemaObject & { $ref?: string, items?: Schema }
type Parsed = { value: unknown } | undefined

const document = JSON.parse(await readFile('openapi.json', 'utf8')) as OpenAPIV3_1.Document
const schemas = (document.components?.schemas ?? {}) as Record<string, Schema>

/**
 * Reads an answer as generated clients do that validate: fields that the document does not name are left out, and of
 * several choices the first that fits is taken, whatever a later one would have kept.
 */
function parse (schema: Schema, value: unknown): Parsed {
  if (schema.$ref !== undefined) return parse(schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {}, value)
  const choices = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined
  if (choices !== undefined) {
    for (const choice of choices) {
      const parsed = parse(choice, value)
      if (parsed !== undefined) return parsed
    }
    return undefined
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return undefined
  const types = [schema.type ?? []].flat()
  if (types.length > 0 && !types.some(type => isOfType(type, value))) return undefined
  if (Array.isArray(value)) {
    const items = value.map(item => parse(schema.items ?? {}, item))
    return items.includes(undefined) ? undefined : { value: items.map(item => item?.value) }
  }
  if (typeof value !== 'object' || value === null || schema.properties === undefined || schema.additionalProperties === true) return { value }
  return parseFields(schema, value as Record<string, unknown>)
}

function parseFields ({ properties = {}, required = [] }: Schema, value: Record<string, unknown>): Parsed {
  const kept: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(properties)) {
    if (!(name in value)) {
      if (required.includes(name)) return undefined
      continue
    }
    const parsed = parse(property as Schema, value[name])
    if (parsed === undefined) return undefined
    kept[name] = parsed.value
  }
  return { value: kept }
}

function isOfType (type: string, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  const own: string = typeof value
  return own === type && value !== null
}

t.test('every example of the document is of its schema, and a client that validates loses nothing of it', async t => {
  let count = 0
  const check = (name: string, schema: Schema | OpenAPIV3_1.ReferenceObject | undefined, example: unknown) => {
    t.same(parse((schema ?? {}) as Schema, example)?.value, example, name)
    count++
  }
  for (const [name, schema] of Object.entries(schemas)) {
    for (const example of schema.examples ?? []) check(name, schema, example)
  }
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {}) as OpenAPIV3_1.OperationObject[]) {
      for (const part of [operation.requestBody, ...Object.values(operation.responses ?? {})]) {
        const content = part !== undefined && 'content' in part ? part.content ?? {} : {}
        for (const { schema, example, examples = {} } of Object.values(content)) {
          if (example !== undefined) check(`${operation.operationId}`, schema, example)
          for (const [name, shown] of Object.entries(examples)) check(`${operation.operationId} ${name}`, schema, (shown as OpenAPIV3_1.ExampleObject).value)
        }
      }
    }
  }
  t.ok(count > 50, `${count} examples`)
})

t.test('what differs by kind has a discriminator that names each of its variants', async t => {
  const unions = Object.entries(schemas).filter(([, { oneOf }]) => oneOf !== undefined)
  t.same(unions.map(([name]) => name).sort(), ['StoryEntry', 'TrackingEvent'])
  for (const [name, { oneOf = [], discriminator }] of unions) {
    const property = discriminator?.propertyName ?? ''
    const named = oneOf.map(choice => (choice as OpenAPIV3_1.ReferenceObject).$ref)
    t.same(Object.values(discriminator?.mapping ?? {}), named, name)
    for (const [value, $ref] of Object.entries(discriminator?.mapping ?? {})) {
      const variant = schemas[$ref.replace('#/components/schemas/', '')]
      t.match(variant?.properties?.[property], { type: 'string', enum: [value] }, `${name} ${value}`)
      t.ok(variant?.required?.includes(property), `${name} ${value} always has it`)
    }
  }
  t.same(Object.entries(schemas).filter(([, { anyOf }]) => anyOf !== undefined).map(([name]) => name), [], 'no choice is left to guess')
})
