// @ts-check

/** @typedef {import('./schema.js').components['schemas']['ErrorResponse']} ErrorResponse */

/**
 * The body of a failure in the shape of the service's errors. Proxies in front of it answer with pages, or with nothing:
 * what they leave out is filled in, so that whoever reads `error.message` need not ask who answered.
 * @param {unknown} body
 * @param {Response} response
 * @returns {ErrorResponse}
 */
export function errorResponse (body, { status, statusText }) {
  const { code, error, message } = Object(body)
  return {
    statusCode: status,
    code: text(code) ?? 'UNEXPECTED_ANSWER',
    error: text(error) ?? (statusText || 'Unexpected Answer'),
    message: text(message) ?? `The service answered ${status}.`
  }
}

/** @param {unknown} value */
function text (value) {
  return typeof value === 'string' && value !== '' ? value : undefined
}
