import { STATUS_CODES } from 'node:http'
import type { Test } from 'tap'
import { ERRORS } from '../../schemas/error.js'
import type { ErrorCode } from '../../schemas/error.js'
import type { Answer } from './service.js'

const SHAPE = ['statusCode', 'code', 'error', 'message', 'details']

/**
 * Asserts that an answer is this error, in the one shape that every error has.
 * @param message the code's own unless told otherwise
 * @param name tells the rows of a table apart
 */
export function matchError (
  t: Test, answer: Answer<unknown>, code: ErrorCode, message: string | RegExp = ERRORS[code][1], name = ''
): void {
  const [statusCode] = ERRORS[code]
  t.match({
    status: answer.status,
    contentType: answer.headers.get('content-type'),
    retryAfter: answer.headers.get('retry-after'),
    body: answer.body,
    unexpected: Object.keys(answer.body ?? {}).filter(key => !SHAPE.includes(key))
  }, {
    status: statusCode,
    contentType: /^application\/json\b/,
    ...(statusCode === 503 || statusCode === 429 ? { retryAfter: /^[1-9][0-9]*$/ } : {}),
    body: { statusCode, code, error: STATUS_CODES[statusCode], message },
    unexpected: []
  }, `${statusCode} ${code} ${name}`)
}
