import { Type } from '@sinclair/typebox'
import type { Static, TUnsafe } from '@sinclair/typebox'
import { oneOf, ref } from './common.js'

/** Every `code` that an answer can carry, with its status and the message that is used when none is given. */
export const ERRORS = {
  INVALID_REQUEST: [400, 'The request is malformed.'],
  INVALID_JSON: [400, 'The body is not valid JSON in UTF-8.'],
  INVALID_SIGNATURE: [400, 'Webhook Error: the signature does not match the body.'],
  UNSUPPORTED_EVENT: [400, 'Webhook Error: not a Stripe snapshot event.'],
  UNKNOWN_STRIPE_EVENT: [400, 'Stripe has no such event.'],
  IMPLAUSIBLE_FACT: [400, 'This cannot have happened as it is told.'],
  STRIPE_REJECTED: [400, 'Stripe refused the request.'],
  UNAUTHORIZED: [401, 'Send a valid access token: log in with POST /api/login, then "Authorization: Bearer <accessToken>".'],
  OPERATOR_ONLY: [401, 'Send the operator token: "Authorization: Bearer <ADMIN_TOKEN>".'],
  BACKEND_ONLY: [401, 'Send the API token: "Authorization: Bearer <API_TOKEN>".'],
  INVALID_CREDENTIALS: [401, 'The e-mail or the password is wrong.'],
  CROSS_ORIGIN: [403, 'A page of another origin may not do this with the browser\'s session. The operator lists origins that may in CORS_ORIGINS; ' +
    'what is no page sends "Authorization: Bearer <accessToken>" and no cookie.'],
  FORBIDDEN: [403, 'This token is valid, and not for this.'],
  NOT_FOUND: [404, 'There is no such thing.'],
  METHOD_NOT_ALLOWED: [405, 'This address does not take this method; `Allow` has those that it takes.'],
  REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  EMAIL_TAKEN: [409, 'A user with this e-mail exists already. Log in with POST /api/login.'],
  CONFLICTING_FACT: [409, 'It is stored already, with other content.'],
  IDEMPOTENCY_KEY_REUSED: [409, 'This Idempotency-Key came with another request before. Send a new key for a new request.'],
  NOT_RETRYABLE: [409, 'The event is not in a state that can be retried.'],
  NOT_RESOLVABLE: [409, 'It needs no attention.'],
  NOT_HOLDABLE: [409, 'The event does not wait to be sent.'],
  CUSTOMER_BUSY: [409, 'Something of this customer is still on its way to Affitor.'],
  BODY_TOO_LARGE: [413, 'The body is too large.'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'Send the body as application/json.'],
  RATE_LIMITED: [429, 'Too many requests from this address. Try again later.'],
  INTERNAL_ERROR: [500, 'An unexpected fault; it was logged.'],
  STRIPE_MISCONFIGURED: [502, 'Stripe refuses this service\'s credentials. The operator must look at STRIPE_SECRET_KEY.'],
  STRIPE_UNAVAILABLE: [503, 'Stripe cannot be reached for now. Try again shortly.'],
  AFFITOR_UNAVAILABLE: [503, 'Affitor cannot be asked for now. Try again shortly.'],
  DATABASE_UNAVAILABLE: [503, 'The database cannot be reached for now. Try again shortly: what was stored already is not stored twice.'],
  SHUTTING_DOWN: [503, 'This process is about to end. Another one takes the requests.'],
  OVERLOADED: [503, 'The service is overloaded for now. Try again shortly.']
} as const satisfies Record<string, readonly [status: number, message: string]>

export type ErrorCode = keyof typeof ERRORS
type StatusOf<Code extends ErrorCode> = (typeof ERRORS)[Code][0]

const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]

export const ErrorDetail = Type.Object({
  field: Type.String({ description: 'Where it is: part of the request, and path in it.', examples: ['body/email'] }),
  message: Type.String({ description: 'What is wrong with it.', examples: ['body/email must match format "email"'] })
}, {
  $id: 'ErrorDetail',
  title: 'Error detail',
  description: 'One field that is wrong.',
  additionalProperties: false
})
export type ErrorDetail = Static<typeof ErrorDetail>

export const ErrorResponse = Type.Object({
  statusCode: Type.Integer({ description: 'HTTP status.', examples: [400] }),
  code: oneOf(ERROR_CODES, {
    description: 'Machine-readable code; stable across releases. Later releases may add others.',
    examples: ['INVALID_REQUEST'],
    // For the generators that know it: the values of today, and no promise that there are no more.
    'x-extensible-enum': ERROR_CODES
  }),
  error: Type.String({ description: 'The status in words.', examples: ['Bad Request'] }),
  message: Type.String({
    description: 'What is wrong and what to do about it, for a developer.',
    examples: ['body/email must match format "email"']
  }),
  details: Type.Optional(Type.Array(ref(ErrorDetail), {
    description: 'Of `INVALID_REQUEST`: every field that is wrong, where the schema tells.'
  }))
}, {
  $id: 'ErrorResponse',
  title: 'Error response',
  description: 'Every error of every route has this shape.',
  additionalProperties: false
})
export type ErrorResponse = Static<typeof ErrorResponse>

/** What any request can meet. */
const ANY = ['INVALID_REQUEST', 'INTERNAL_ERROR', 'DATABASE_UNAVAILABLE', 'SHUTTING_DOWN', 'OVERLOADED'] as const

/** What a request with a JSON body can meet besides. */
export const BODY_ERRORS = ['INVALID_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const

/** A code, as it is documented at one route. */
export interface DocumentedError<Code extends ErrorCode = ErrorCode> {
  code: Code
  message: string
  /** What it is about, where the code alone does not say; a part of the response's name in the document. */
  about?: string
}

/**
 * @param about what is not found, such as `TrackingEvent`
 * @param message such as the route answers
 */
export function notFound (about: string, message: string): DocumentedError<'NOT_FOUND'> {
  return { code: 'NOT_FOUND', message, about }
}

/**
 * The error answers of one route: those named, and those that any request can meet. The document's responses are made
 * of what each says in `x-errors` (src/service/openapi/error-responses.ts).
 */
export function errorResponses<Code extends ErrorCode = never> (...named: Array<Code | DocumentedError<Code>>) {
  const errors: Array<DocumentedError> = [...ANY, ...named].map(error => typeof error === 'string' ? { code: error, message: ERRORS[error][1] } : error)
  const statuses = [...new Set(errors.map(({ code }) => ERRORS[code][0]))]
  return Object.fromEntries(statuses.map(status => {
    const own = errors.filter(({ code }) => ERRORS[code][0] === status)
    return [status, Type.Unsafe<ErrorResponse>({
      $ref: 'ErrorResponse#',
      'x-errors': own
    })]
  })) as Record<StatusOf<Code> | 400 | 500 | 503, TUnsafe<ErrorResponse>>
}
