import type { FastifySchema } from 'fastify'
import type { DocumentedError } from '../../schemas/error.js'
import { components } from '../../schemas/index.js'

/** Takes a route's schema as it is written here, and gives it as the app's document is to have it. */
export type Document = <Schema extends FastifySchema>(schema: Schema) => Schema

/** Of the app whose document the contract is. */
export const asWritten: Document = schema => schema

/**
 * Of any other app. Names that could be those of the app's own operations, and security schemes that its document does
 * not have, are left out.
 * @param openapi the plugin's option: false keeps the routes out of the document; with `refs` they refer to the schemas
 * of the contract, which the app has; else each is whole in itself, so that nothing is added to the app's own schemas
 */
export function ofAnyApp (openapi: boolean | 'refs'): Document {
  return schema => {
    const { operationId, security: _security, response = {}, ...rest } = schema as FastifySchema & { operationId?: string, security?: unknown }
    const answers = Object.entries(response as Record<string, object>).map(([status, answer]) => [status, describedError(answer, openapi)])
    const whole = { ...rest, response: Object.fromEntries(answers) as Record<string, object> }
    return {
      ...(openapi === 'refs' ? whole : inlined(whole)) as object,
      ...(operationId !== undefined && { operationId: `affitor${operationId.charAt(0).toUpperCase()}${operationId.slice(1)}` }),
      ...(openapi === false && { hide: true })
    } as typeof schema
  }
}

/** What an answer's errors are, as a description. */
export function describeErrors (errors: DocumentedError[]): string {
  return errors.length === 1 ? errors[0]?.message ?? '' : errors.map(({ code, message }) => `- \`${code}\`: ${message}`).join('\n')
}

/** An answer of a route; one that is an error says in words which. */
function describedError (answer: object, openapi: boolean | 'refs'): object {
  const { 'x-errors': errors, ...schema } = answer as { 'x-errors'?: DocumentedError[] }
  if (errors === undefined) return answer
  const description = describeErrors(errors)
  // Beside a reference @fastify/swagger takes everything away.
  return openapi === 'refs' ? { description, content: { 'application/json': { schema } } } : { ...schema, description }
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
