import type { FastifyReply } from 'fastify'

/** The body of every refusal, as Stripe documents it (docs.stripe.com/api/errors). */
export interface StripeErrorBody {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'
  code?: string
  message: string
  param?: string
  charge?: string
  decline_code?: string
  payment_intent?: object
}

/** A refusal in Stripe's shape, with its HTTP status. */
export class StripeSandboxError extends Error {
  readonly statusCode: number
  readonly body: StripeErrorBody

  constructor (statusCode: number, body: StripeErrorBody) {
    super(body.message)
    this.name = 'StripeSandboxError'
    this.statusCode = statusCode
    this.body = body
  }
}

/** A 400 `invalid_request_error`. */
export function invalidRequest (message: string, param?: string, code?: string): StripeSandboxError {
  return new StripeSandboxError(400, { type: 'invalid_request_error', message, ...(code && { code }), ...(param && { param }) })
}

/** A required parameter that is absent. */
export function parameterMissing (param: string): StripeSandboxError {
  return invalidRequest(`Missing required param: ${param}.`, param, 'parameter_missing')
}

/** A parameter that Stripe's API does not have. */
export function parameterUnknown (param: string): StripeSandboxError {
  return invalidRequest(`Received unknown parameter: ${param}`, param, 'parameter_unknown')
}

/** Something that Stripe has and this stand-in has not; said plainly, so that nobody takes it for Stripe's refusal. */
export function notInSandbox (param: string): StripeSandboxError {
  return invalidRequest(`The Stripe stand-in of this sandbox does not support \`${param}\`; use a Stripe test account for it.`, param)
}

/**
 * An id that names nothing. Stripe answers 404 when the id is in the path and 400 when it is a parameter.
 */
export function resourceMissing (resource: string, id: string, param: string, statusCode = 400): StripeSandboxError {
  return new StripeSandboxError(statusCode, {
    type: 'invalid_request_error', code: 'resource_missing', message: `No such ${resource}: '${id}'`, param
  })
}

/** What a restricted key may not do: the permission as an id, and as the Dashboard names it. */
export function permissionMissing (key: string, account: string, permission: { id: string, name: string }): StripeSandboxError {
  return new StripeSandboxError(403, {
    type: 'invalid_request_error',
    code: 'more_permissions_required',
    message: `Permission denied. The provided key '${key}' does not have the required permissions for this endpoint on account '${account}'. ` +
      `Enabling ${permission.name} ('${permission.id}') permissions on this key would allow this request to continue.`
  })
}

/** Sends a refusal with the page that explains its code. */
export function sendStripeError (reply: FastifyReply, error: StripeSandboxError): FastifyReply {
  const { code } = error.body
  const docUrl = code && { doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}` }
  return reply.code(error.statusCode).send({ error: { ...error.body, ...docUrl } })
}
