import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../errors.js'
import type { ErrorCode } from '../errors.js'

/**
 * A hook that lets only requests with this token pass.
 * @param code what all others are answered
 */
export function requireToken (token: string, code: ErrorCode) {
  const expected = digest(token)
  return async ({ headers }: FastifyRequest): Promise<void> => {
    const [, given = ''] = /^Bearer (.*)$/i.exec(headers.authorization ?? '') ?? []
    if (!timingSafeEqual(digest(given), expected)) throw new ApiError(code)
  }
}

/** Equal lengths, so that the comparison's time tells nothing. */
function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
