import type { FastifyError, FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { isDatabaseUnavailable } from '../../db/pool.js'
import { ApiError, errorResponse } from '../../errors.js'
import type { ErrorCode } from '../../errors.js'

/** Seconds that a caller is asked to wait after a 503. */
const RETRY_AFTER_SECONDS = 5

/** Shedding is no fault, and happens when there is least time to write; neither is a stop that was asked for. */
const NO_FAULTS: ErrorCode[] = ['OVERLOADED', 'SHUTTING_DOWN']

/** Every error leaves in one shape; what is not for the caller stays in the log. */
export default fp(async (app: FastifyInstance) => {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const answer = toApiError(error)
    if (answer.statusCode >= 500 && !NO_FAULTS.includes(answer.code)) request.log.error({ err: error }, answer.message)
    if (answer.statusCode === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_SECONDS)
    return reply.code(answer.statusCode).send(errorResponse(answer.code, answer.message))
  })
  app.setNotFoundHandler((request, reply) => reply.code(404)
    .send(errorResponse('NOT_FOUND', `There is no ${request.method} ${request.url.split('?')[0]}. See /docs.`)))
}, { name: 'error-handler' })

const codesOfFramework: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'INVALID_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'INVALID_JSON'
}

function toApiError (error: FastifyError): ApiError {
  if (error instanceof ApiError) return error
  if (error.validation !== undefined) return new ApiError('INVALID_REQUEST', error.message)
  const code = codesOfFramework[error.code]
  if (code !== undefined) return new ApiError(code)
  if (isDatabaseUnavailable(error)) return new ApiError('DATABASE_UNAVAILABLE')
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) return new ApiError('INVALID_REQUEST', error.message)
  return new ApiError('INTERNAL_ERROR')
}
