import type { OpenAPIV3_1 } from 'openapi-types'
import { catalogue, errorResponse } from '../../errors.js'
import type { ErrorCode } from '../../errors.js'

const names: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  413: 'BodyTooLarge',
  415: 'UnsupportedMediaType',
  429: 'TooManyRequests',
  500: 'InternalError',
  502: 'BadGateway',
  503: 'Unavailable'
}

const RETRY_AFTER: OpenAPIV3_1.HeaderObject = {
  description: 'Seconds to wait before the next try.', example: 5, schema: { type: 'integer', minimum: 0 }
}

/** The key of a status among the document's responses. */
export function errorResponseName (status: number): string | undefined {
  return names[status]
}

/** One response a status, with an example for each code of the catalogue. */
export function errorResponses (descriptions: Map<number, string>): Record<string, OpenAPIV3_1.ResponseObject> {
  return Object.fromEntries([...descriptions].map(([status, description]) => [names[status], {
    description,
    ...(status === 429 || status === 503 ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/ErrorResponse' },
        examples: Object.fromEntries(codesOf(status).map(code => [code, { value: errorResponse(code) }]))
      }
    }
  }]))
}

function codesOf (status: number): ErrorCode[] {
  return (Object.keys(catalogue) as ErrorCode[]).filter(code => catalogue[code][0] === status)
}
