import { STATUS_CODES } from 'node:http'
import type { Test } from 'tap'
import { catalogue } from '../../src/errors.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Answer } from './service.js'

/** Asserts that an answer is this error, in the one shape that every error has. */
export function matchError (t: Test, answer: Answer<unknown>, code: ErrorCode, message: string | RegExp = catalogue[code][1]): void {
  const [statusCode] = catalogue[code]
  const name = `${statusCode} ${code}`
  t.equal(answer.status, statusCode, `${name}: status`)
  t.match(answer.headers.get('content-type'), /^application\/json\b/, `${name}: content type`)
  t.match(answer.body, { statusCode, code, error: STATUS_CODES[statusCode], message }, name)
  t.same(Object.keys(answer.body ?? {}).sort(), ['code', 'error', 'message', 'statusCode'], `${name}: nothing else`)
  if (statusCode === 503) t.match(answer.headers.get('retry-after'), /^[1-9][0-9]*$/, `${name}: says when to come again`)
}
