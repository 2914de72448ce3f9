import SerializerSelector from '@fastify/fast-json-stringify-compiler'

type Compile = ReturnType<typeof compileWith>
type Serializer = ReturnType<Compile>

const compileWith = SerializerSelector()
/** By shared schemas, then by schema. */
const compiled = new Map<string, Map<string, Serializer>>()

/**
 * Fastify's serializer, compiled once for each schema rather than once for each answer of each route: most answers are
 * one error, differently described.
 */
export const buildSerializer: typeof compileWith = (sharedSchemas, options) => {
  const named = sharedSchemas as Record<string, Schema>
  const compile = compileWith(chosenByValue(named, named) as typeof sharedSchemas, options)
  const shared = JSON.stringify(sharedSchemas)
  const serializers = compiled.get(shared) ?? new Map<string, Serializer>()
  compiled.set(shared, serializers)
  return definition => {
    const { description: _description, ...schema } = definition.schema as { description?: string }
    const key = JSON.stringify(schema)
    const serializer = serializers.get(key) ?? compile({ ...definition, schema: chosenByValue(schema, named) })
    serializers.set(key, serializer)
    return serializer
  }
}

interface Schema {
  $id?: string
  $ref?: string
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  const?: unknown
}

/**
 * A schema in which every `oneOf` whose choices one property tells apart is a choice by that property's value alone.
 * The serializer would hold a value against each choice in full: that takes longer than to write it, and an answer
 * would fail for a stored text that a request could not bring today.
 */
function chosenByValue (part: unknown, named: Record<string, Schema>): unknown {
  if (Array.isArray(part)) return part.map(item => chosenByValue(item, named))
  if (typeof part !== 'object' || part === null) return part
  const { oneOf, ...rest } = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, chosenByValue(value, named)])) as Schema
  if (oneOf === undefined) return rest
  const choices = oneOf.map(choice => choice.$ref === undefined ? choice : named[choice.$ref.replace('#', '')] ?? {})
  const property = Object.keys(choices[0]?.properties ?? {}).find(name => choices.every(choice => choice.properties?.[name]?.const !== undefined))
  if (property === undefined) return { ...rest, oneOf }
  const chain = oneOf.reduceRight<object | undefined>((otherwise, choice, index) => otherwise === undefined
    ? choice
    : { if: { type: 'object', properties: { [property]: { const: choices[index]?.properties?.[property]?.const } } }, then: choice, else: otherwise }, undefined)
  return { ...rest.$id !== undefined && { $id: rest.$id }, ...chain }
}
