import type { FastifySchema } from 'fastify'
import { components } from '../../schemas/index.js'

/** Takes a route's schema as it is written here, and gives it as the app's document is to have it. */
export type Document = <Schema extends FastifySchema>(schema: Schema) => Schema

/** Of an app that has the schemas of the contract itself: with references to them. */
export const withReferences: Document = schema => schema

/**
 * Of any other app: whole in itself, so that nothing is added to the app's own schemas. Names that could be those of
 * the app's own operations, and security schemes that its document does not have, are left out.
 * @param hide keeps the route out of the document
 */
export function selfContained (hide: boolean): Document {
  return schema => {
    const { operationId, security: _security, ...rest } = schema as FastifySchema & { operationId?: string, security?: unknown }
    return {
      ...inlined(rest) as object,
      ...(operationId !== undefined && { operationId: `affitor${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}` }),
      ...(hide && { hide })
    } as typeof schema
  }
}

const schemas = new Map(components.map(schema => [`${schema.$id}#`, schema as object]))

/** A schema in which what it refers to stands in the place of each reference. */
function inlined (part: unknown): unknown {
  if (Array.isArray(part)) return part.map(inlined)
  if (typeof part !== 'object' || part === null) return part
  // A list of examples is no part of OpenAPI 3.0, which the app may have; a discriminator is of schemas that have names.
  const { $ref, examples: _examples, discriminator: _discriminator, ...own } = part as { $ref?: string, examples?: unknown, discriminator?: unknown }
  const { $id: _id, examples: _referredExamples, discriminator: _referredDiscriminator, ...referred } =
    ($ref === undefined ? {} : schemas.get($ref) ?? {}) as { $id?: string, examples?: unknown, discriminator?: unknown }
  return Object.fromEntries(Object.entries({ ...referred, ...own }).map(([key, value]) => [key, inlined(value)]))
}
