import type { TrackingEndpoint } from './calls.js'

/** What a tracking endpoint answers, before a behaviour set by a test bends it. */
export interface Answer {
  status: number
  body: Record<string, unknown>
  /** Whether something was stored. */
  recorded: boolean
}

export function recorded (body: Record<string, unknown>): Answer {
  return { status: 200, body, recorded: true }
}

/** 200, and nothing changed. */
export function unchanged (body: Record<string, unknown>): Answer {
  return { status: 200, body, recorded: false }
}

export function refused (status: number, message: string): Answer {
  return { status, body: errorBody(status, message), recorded: false }
}

const ERROR_NAMES: Record<number, string> = {
  400: 'BadRequestError', 401: 'UnauthorizedError', 404: 'NotFoundError', 409: 'ConflictError', 500: 'InternalServerError'
}

/** The shape of Affitor's errors in its OpenAPI document; its pages show two others. */
export function errorBody (status: number, message: string): Record<string, unknown> {
  return { data: null, error: { status, name: ERROR_NAMES[status] ?? 'Error', message, details: {} } }
}

const FAILURE_500: Record<TrackingEndpoint, string> = {
  click: 'Click tracking failed',
  lead: 'Lead tracking failed',
  sale: 'Sale tracking failed',
  refund: 'Refund tracking failed'
}

/** The body of a failure that a test asked for: Affitor's own text where it documents one. */
export function failureBody (status: number, endpoint: TrackingEndpoint, retryAfterSeconds: number | undefined): Record<string, unknown> {
  if (status === 401) return errorBody(status, INVALID_TOKEN)
  if (status === 500) return errorBody(status, FAILURE_500[endpoint])
  if (status === 429) {
    return { error: { status, code: 'rate_limited', message: 'Too many requests.', retry_after_seconds: retryAfterSeconds } }
  }
  return errorBody(status, `Simulated failure with status ${status}`)
}

/** https://docs.affitor.com/docs/api-reference/errors gives this case; the text is the OpenAPI document's. */
export const INVALID_TOKEN = 'Invalid API token'
