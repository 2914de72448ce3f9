import type { FastifySchema } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import type { DocumentedError } from '../../../schemas/error.js'
import { errorResponse } from '../../errors.js'
import { describeErrors } from '../../http/document.js'

type Response = OpenAPIV3_1.ResponseObject

/** A route's schema whose errors are where @fastify/swagger leaves them: beside a `$ref` it takes everything away. */
export function keepErrors<Schema extends FastifySchema> (schema: Schema): Schema {
  const answers = Object.entries((schema.response ?? {}) as Record<string, object>)
  return {
    ...schema,
    response: Object.fromEntries(answers.map(([status, { 'x-errors': errors, ...answer }]: [string, { 'x-errors'?: unknown }]) =>
      [status, errors === undefined ? answer : { content: { 'application/json': { schema: answer, 'x-errors': errors } } }]))
  }
}

/** The response that a route's error answer is in the document, and its name there; undefined of any other answer. */
export function errorResponseOf (response: Response): [name: string, Response] | undefined {
  const { 'x-errors': errors } = (response.content?.['application/json'] ?? {}) as { 'x-errors'?: DocumentedError[] }
  if (errors === undefined) return undefined
  const codes = errors.map(({ code }) => code)
  return [errors.map(({ code, about = '' }) => pascalCase(code) + about).join('Or'), {
    description: describeErrors(errors),
    content: {
      'application/json': {
        // The values of today: later releases may add others, as the shared schema says.
        schema: {
          allOf: [
            { $ref: '#/components/schemas/ErrorResponse' },
            { type: 'object', properties: { code: { type: 'string', enum: codes, 'x-extensible-enum': codes } as OpenAPIV3_1.SchemaObject } }
          ]
        },
        examples: Object.fromEntries(errors.map(({ code, message }) => [code, { value: errorResponse(code, message) }]))
      }
    }
  }]
}

/** `NOT_FOUND` as `NotFound`. */
function pascalCase (code: string): string {
  return code.split('_').map(word => word.charAt(0) + word.slice(1).toLowerCase()).join('')
}
