import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { isDatabaseUnavailable } from '../db/pool.js'
import { ApiError, errorResponse } from '../errors.js'
import type { ErrorCode } from '../errors.js'
import { QueueFullError } from '../group-commit.js'
import { withSafeErrors } from '../log-errors.js'
import { bearerToken } from './require-token.js'

/** Seconds that a caller is asked to wait after a 503. */
const RETRY_AFTER_SECONDS = 5

/** Shedding is no fault, and happens when there is least time to write; neither is a stop that was asked for. */
const NO_FAULTS: ErrorCode[] = ['OVERLOADED', 'SHUTTING_DOWN']

/** An error handler: every error leaves in one shape; what is not for the caller stays in the log. */
export function answerError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answer = toApiError(error)
  if (answer.statusCode >= 500 && !NO_FAULTS.includes(answer.code)) withSafeErrors(request.log).error({ err: error }, answer.message)
  if (answer.statusCode === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_SECONDS)
  if (answer.statusCode === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', challenge(request))
  return reply.code(answer.statusCode).send(errorResponse(answer.code, answer.message, answer.details))
}

/** https://www.rfc-editor.org/rfc/rfc6750#section-3 */
function challenge (request: FastifyRequest): string {
  return `Bearer realm="fastify-affitor"${bearerToken(request) === undefined ? '' : ', error="invalid_token"'}`
}

const codesOfFramework: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INVALID_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'INVALID_JSON'
}

function toApiError (error: FastifyError): ApiError {
  if (error instanceof ApiError) return error
  const code = codesOfFramework[error.code]
  if (code !== undefined) return new ApiError(code)
  if (error instanceof QueueFullError) return new ApiError('OVERLOADED')
  if (isDatabaseUnavailable(error)) return new ApiError('DATABASE_UNAVAILABLE')
  // Of a hook of the app's, which says who may pass.
  if (error.statusCode === 401) return new ApiError('UNAUTHORIZED', error.message)
  if (error.statusCode === 403) return new ApiError('FORBIDDEN', error.message)
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return new ApiError('INVALID_REQUEST', error.message)
  return new ApiError('INTERNAL_ERROR')
}
