import { Type } from '@sinclair/typebox'
import type { Static, TUnsafe } from '@sinclair/typebox'
import { oneOf } from './common.js'

/** Every `code`; src/errors.ts has what each of them means. */
export const ERROR_CODES = [
  'INVALID_REQUEST', 'INVALID_JSON', 'INVALID_SIGNATURE', 'UNSUPPORTED_EVENT', 'UNKNOWN_STRIPE_EVENT', 'IMPLAUSIBLE_FACT',
  'STRIPE_REJECTED', 'UNAUTHORIZED', 'OPERATOR_ONLY', 'BACKEND_ONLY', 'INVALID_CREDENTIALS', 'CROSS_ORIGIN', 'FORBIDDEN', 'NOT_FOUND',
  'REQUEST_TIMEOUT', 'EMAIL_TAKEN', 'CONFLICTING_FACT', 'NOT_RETRYABLE', 'NOT_RESOLVABLE', 'NOT_HOLDABLE', 'CUSTOMER_BUSY',
  'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'RATE_LIMITED', 'INTERNAL_ERROR', 'STRIPE_MISCONFIGURED', 'STRIPE_UNAVAILABLE',
  'AFFITOR_UNAVAILABLE', 'DATABASE_UNAVAILABLE', 'SHUTTING_DOWN', 'OVERLOADED'
] as const

export const ErrorResponse = Type.Object({
  statusCode: Type.Integer({ description: 'HTTP status.', examples: [400] }),
  code: oneOf(ERROR_CODES, {
    description: 'Machine-readable code; stable across releases. Later releases may add others.',
    examples: ['INVALID_REQUEST'],
    // For the generators that know it: the values of today, and no promise that there are no more.
    'x-extensible-enum': [...ERROR_CODES]
  }),
  error: Type.String({ description: 'The status in words.', examples: ['Bad Request'] }),
  message: Type.String({
    description: 'What is wrong and what to do about it, for a developer.',
    examples: ['body/email must match format "email"']
  })
}, {
  $id: 'ErrorResponse',
  title: 'Error response',
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
