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
  const compile = compileWith(sharedSchemas, options)
  const shared = JSON.stringify(sharedSchemas)
  const serializers = compiled.get(shared) ?? new Map<string, Serializer>()
  compiled.set(shared, serializers)
  return definition => {
    const { description: _description, ...schema } = definition.schema as { description?: string }
    const key = JSON.stringify(schema)
    const serializer = serializers.get(key) ?? compile(definition)
    serializers.set(key, serializer)
    return serializer
  }
}
