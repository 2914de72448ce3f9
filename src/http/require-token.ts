import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../errors.js'
import type { ErrorCode } from '../errors.js'
import { onlyReads } from './cross-origin.js'

export interface RequireTokenOptions {
  /** Those that let nothing pass but what changes nothing. */
  readTokens?: string[]
  /** What all others are told; the code's own message by default. */
  message?: string | undefined
}

const READ_ONLY = 'This token may only read.'

/**
 * A hook that lets only requests with one of these tokens pass.
 * @param code what all others are answered
 */
export function requireToken (tokens: string[], code: ErrorCode, { readTokens = [], message }: RequireTokenOptions = {}) {
  const [mayAll, mayRead] = [tokens, readTokens].map(list => isOneOf(list))
  return async (request: FastifyRequest): Promise<void> => {
    const given = digest(bearerToken(request) ?? '')
    if (mayAll?.(given) === true) return
    if (mayRead?.(given) !== true) throw new ApiError(code, message)
    if (!onlyReads(request)) throw new ApiError('FORBIDDEN', READ_ONLY)
  }
}

/** The token of `Authorization: Bearer <token>`; undefined where there is none. */
export function bearerToken ({ headers }: FastifyRequest): string | undefined {
  return /^Bearer (.*)$/i.exec(headers.authorization ?? '')?.[1]
}

/** Whether a token, given as its digest, is one of a list. Each is looked at, so that the time tells nothing. */
function isOneOf (tokens: string[]) {
  const known = tokens.map(digest)
  return (given: Buffer) => known.filter(token => timingSafeEqual(token, given)).length > 0
}

/** Equal lengths, so that the comparison's time tells nothing. */
function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
