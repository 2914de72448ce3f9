// @ts-check

/** @typedef {import('./schema.js').components['schemas']['ErrorResponse']} ErrorResponse */

/** What the methods reject with, whether the service answered or nobody did. */
export class AffitorServiceError extends Error {
  /**
   * @param {Pick<ErrorResponse, 'code' | 'message' | 'details'>} error
   * @param {Response} [response] absent when no answer came
   * @param {ErrorOptions} [options]
   */
  constructor ({ code, message, details }, response, options) {
    super(message, options)
    this.name = 'AffitorServiceError'
    this.code = code
    this.details = details ?? []
    this.status = response?.status
    this.requestId = response?.headers.get('x-request-id') ?? undefined
    this.retryAfterSeconds = secondsOf(response?.headers.get('retry-after'))
  }
}

/** No answer came. */
export class ConnectionError extends AffitorServiceError { name = 'ConnectionError' }

/**
 * The body of a failure in the shape of the service's errors. Proxies in front of it answer with pages, or with nothing:
 * what they leave out is filled in, so that whoever reads `error.message` need not ask who answered.
 * @param {unknown} body
 * @param {Response} response
 * @returns {ErrorResponse}
 */
export function errorResponse (body, { status, statusText }) {
  const { code, error, message, details } = Object(body)
  return {
    statusCode: status,
    code: text(code) ?? 'UNEXPECTED_ANSWER',
    error: text(error) ?? (statusText || 'Unexpected Answer'),
    message: text(message) ?? `The service answered ${status}.`,
    ...(Array.isArray(details) && { details })
  }
}

/** @param {unknown} value */
function text (value) {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** @param {string | null | undefined} header `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3) */
function secondsOf (header) {
  if (!header) return undefined
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}
