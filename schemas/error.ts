import { Type } from '@sinclair/typebox'
import type { Static, TUnsafe } from '@sinclair/typebox'

export const ErrorResponse = Type.Object({
  statusCode: Type.Integer({ description: 'HTTP status.', examples: [400] }),
  code: Type.String({ description: 'Machine-readable code; stable across releases.', examples: ['INVALID_REQUEST'] }),
  error: Type.String({ description: 'The status in words.', examples: ['Bad Request'] }),
  message: Type.String({
    description: 'What is wrong and what to do about it, for a developer.',
    examples: ['body/email must match format "email"']
  })
}, {
  $id: 'ErrorResponse',
  title: 'Error',
  description: 'Every error of every route has this shape.',
  additionalProperties: false
})
export type ErrorResponse = Static<typeof ErrorResponse>

const descriptions = {
  400: 'The request is malformed; `message` names the field.',
  401: 'The token is missing, malformed, expired or wrong.',
  403: 'A page of another origin asked, with the browser\'s session or for one.',
  404: 'There is no such thing.',
  409: 'The request conflicts with what is stored.',
  413: 'The body is too large.',
  415: 'The content type is not supported.',
  429: 'Too many requests; see the Retry-After header.',
  500: 'A fault of this service. It was logged; the message shows no internals.',
  502: 'Stripe refuses this service\'s credentials; the operator must look.',
  503: 'The service, its database, Stripe or Affitor is unavailable for now; see the Retry-After header.'
} as const

type ErrorStatus = keyof typeof descriptions

/** The error answers of one route: those named, and those that any request can meet. */
export function errorResponses<S extends ErrorStatus = never> (...statuses: S[]) {
  const all: ErrorStatus[] = [400, ...statuses, 500, 503]
  return Object.fromEntries(all.map(status => [status, Type.Unsafe<ErrorResponse>({
    $ref: 'ErrorResponse#',
    'x-response-description': descriptions[status]
  })])) as Record<S | 400 | 500 | 503, TUnsafe<ErrorResponse>>
}
