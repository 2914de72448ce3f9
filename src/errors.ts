import { STATUS_CODES } from 'node:http'
import { ERRORS } from '../schemas/error.js'
import type { ErrorCode, ErrorDetail, ErrorResponse } from '../schemas/error.js'

export type { ErrorCode }

/** An error that is answered to the caller as it is. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly code: ErrorCode
  readonly statusCode: number
  readonly details: ErrorDetail[] | undefined
  constructor (code: ErrorCode, message: string = ERRORS[code][1], { details, ...options }: ErrorOptions & { details?: ErrorDetail[] } = {}) {
    super(message, options)
    this.code = code
    this.statusCode = ERRORS[code][0]
    this.details = details
  }
}

/** The body of every error answer. */
export function errorResponse (code: ErrorCode, message: string = ERRORS[code][1], details?: ErrorDetail[]): ErrorResponse {
  const statusCode = ERRORS[code][0]
  return { statusCode, code, error: STATUS_CODES[statusCode] ?? 'Error', message, ...details !== undefined && { details } }
}
