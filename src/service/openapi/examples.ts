import type { OpenAPIV3_1 } from 'openapi-types'

export type Schema = OpenAPIV3_1.SchemaObject & { $ref?: string }
export type Schemas = Record<string, Schema>

/** The schema of the document that another refers to; undefined of one that refers to none. */
export function referredTo ({ $ref }: Schema, schemas: Schemas): Schema | undefined {
  return $ref === undefined ? undefined : schemas[$ref.slice('#/components/schemas/'.length)]
}

/** An example of a whole body, put together from the examples of its parts. */
export function exampleOf (schema: Schema, schemas: Schemas): unknown {
  if (schema.$ref !== undefined) return exampleOf(referredTo(schema, schemas) ?? {}, schemas)
  if (schema.examples?.[0] !== undefined) return schema.examples[0]
  if (schema.default !== undefined) return schema.default
  if (schema.enum !== undefined) return schema.enum[0]
  const choice = (schema.anyOf ?? schema.oneOf)?.[0]
  if (choice !== undefined) return exampleOf(choice as Schema, schemas)
  if (schema.properties !== undefined) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, exampleOf(property as Schema, schemas)]))
  }
  if ('items' in schema && schema.items !== undefined) return Object.values(examplesOf(schema.items as Schema, schemas))
  // What is left allows null, or says nothing.
  return null
}

/** An example of each variant, by the value that tells it apart; one example of what has no variants. */
export function examplesOf (schema: Schema, schemas: Schemas): Record<string, unknown> {
  if (schema.$ref !== undefined) return examplesOf(referredTo(schema, schemas) ?? {}, schemas)
  const variants = Object.entries(schema.discriminator?.mapping ?? {})
  if (variants.length === 0) return { only: exampleOf(schema, schemas) }
  return Object.fromEntries(variants.map(([value, $ref]) => [value, exampleOf({ $ref }, schemas)]))
}
