import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types'

type Part = Record<string, unknown>

/** What a schema of OpenAPI 3.0 may say. What is not here would be passed over by tools that stop there. */
const KEYWORDS = new Set([
  'title', 'description', 'type', 'format', 'enum', 'default', 'example', 'nullable', 'deprecated', 'readOnly', 'writeOnly', 'discriminator', 'pattern',
  'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems', 'uniqueItems',
  'minProperties', 'maxProperties', 'required', 'properties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', 'not'
])

/**
 * The document as OpenAPI 3.0 has it, for tools that stop there.
 * @throws Error on a keyword that 3.0 has no word for
 */
export function openapi30 (document: Partial<OpenAPIV3_1.Document>): OpenAPIV3.Document {
  // It has no webhooks: what the service sends by itself is told by 3.1 alone.
  const { info, webhooks: _webhooks, ...rest } = document
  const { summary, license, ...about } = info ?? { title: '', version: '' }
  return {
    ...rendered(rest) as Part,
    openapi: '3.0.3',
    info: {
      ...about,
      description: [summary, about.description].filter(text => text !== undefined).join('\n\n'),
      ...license !== undefined && { license: { name: license.name, url: license.url ?? `https://spdx.org/licenses/${license.identifier}.html` } }
    }
  } as OpenAPIV3.Document
}

/** Anything around schemas: it is the same in both, but for the schemas in it. */
function rendered (part: unknown): unknown {
  if (Array.isArray(part)) return part.map(rendered)
  if (!isPart(part)) return part
  return Object.fromEntries(Object.entries(part).map(([key, value]) => {
    if (key === 'example' || key === 'examples') return [key, value]
    if (key === 'schema') return [key, schema30(value as Part)]
    return [key, key === 'schemas' ? mapped(value as Part, schema30) : rendered(value)]
  }))
}

function schema30 (schema: Part): Part {
  const { $ref, ...own } = schema
  // What stands beside a reference is passed over in 3.0.
  if ($ref !== undefined) return Object.keys(own).length === 0 ? { $ref } : { ...schema30(own), allOf: [{ $ref }] }
  const { type, const: only, examples, exclusiveMinimum, exclusiveMaximum, ...same } = own
  const made: Part = {
    ...same,
    ...typed(type),
    ...only !== undefined && { enum: [only] },
    ...Array.isArray(examples) && examples[0] !== undefined && { example: examples[0] },
    ...bound('minimum', 'exclusiveMinimum', exclusiveMinimum),
    ...bound('maximum', 'exclusiveMaximum', exclusiveMaximum)
  }
  for (const keyword of Object.keys(made)) {
    if (!KEYWORDS.has(keyword) && !keyword.startsWith('x-')) throw new Error(`OpenAPI 3.0 has no "${keyword}" in schemas`)
  }
  return withSchemasIn(made)
}

function typed (type: unknown): Part {
  if (!Array.isArray(type)) return type === undefined ? {} : { type }
  const others = type.filter(name => name !== 'null')
  if (others.length !== 1) throw new Error(`OpenAPI 3.0 has one type a schema, not ${type.join(', ')}`)
  return { type: others[0], ...others.length < type.length && { nullable: true } }
}

function bound (name: string, exclusive: string, value: unknown): Part {
  return value === undefined ? {} : { [name]: value, [exclusive]: true }
}

function withSchemasIn (schema: Part): Part {
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => {
    if (keyword === 'properties') return [keyword, mapped(value as Part, schema30)]
    if (['allOf', 'anyOf', 'oneOf'].includes(keyword)) return [keyword, (value as Part[]).map(schema30)]
    const isSchema = ['items', 'not', 'additionalProperties'].includes(keyword) && isPart(value)
    return [keyword, isSchema ? schema30(value) : value]
  }))
}

function mapped (parts: Part, make: (part: Part) => Part): Part {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, make(part as Part)]))
}

function isPart (value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
