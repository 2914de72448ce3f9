import { STATUS_CODES } from 'node:http'
import type { ERROR_CODES, ErrorResponse } from '../schemas/error.js'

/** Every `code` that an answer can carry, with its status and the message that is used when none is given. */
export const catalogue = {
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
  FORBIDDEN: [403, 'This is for others.'],
  NOT_FOUND: [404, 'There is no such thing.'],
  REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
  EMAIL_TAKEN: [409, 'A user with this e-mail exists already. Log in with POST /api/login.'],
  CONFLICTING_FACT: [409, 'It is stored already, with other content.'],
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
} as const satisfies Record<ErrorCode, readonly [status: number, message: string]>

export type ErrorCode = (typeof ERROR_CODES)[number]

/** An error that is answered to the caller as it is. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  readonly statusCode: number
  constructor (code: ErrorCode, message: string = catalogue[code][1], options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.statusCode = catalogue[code][0]
  }
}

/** The body of every error answer. */
export function errorResponse (code: ErrorCode, message: string = catalogue[code][1]): ErrorResponse {
  const statusCode = catalogue[code][0]
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message }
}
