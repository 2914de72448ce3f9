// Generated from openapi.json by `npm run generate`.

import { AffitorServiceError } from './errors.js'

export class BadRequestError extends AffitorServiceError {
  static status = 400
  name = 'BadRequestError'
}

export class UnauthorizedError extends AffitorServiceError {
  static status = 401
  name = 'UnauthorizedError'
}

export class ForbiddenError extends AffitorServiceError {
  static status = 403
  name = 'ForbiddenError'
}

export class NotFoundError extends AffitorServiceError {
  static status = 404
  name = 'NotFoundError'
}

export class MethodNotAllowedError extends AffitorServiceError {
  static status = 405
  name = 'MethodNotAllowedError'
}

export class RequestTimeoutError extends AffitorServiceError {
  static status = 408
  name = 'RequestTimeoutError'
}

export class ConflictError extends AffitorServiceError {
  static status = 409
  name = 'ConflictError'
}

export class PayloadTooLargeError extends AffitorServiceError {
  static status = 413
  name = 'PayloadTooLargeError'
}

export class UnsupportedMediaTypeError extends AffitorServiceError {
  static status = 415
  name = 'UnsupportedMediaTypeError'
}

export class TooManyRequestsError extends AffitorServiceError {
  static status = 429
  name = 'TooManyRequestsError'
}

export class InternalServerError extends AffitorServiceError {
  static status = 500
  name = 'InternalServerError'
}

export class BadGatewayError extends AffitorServiceError {
  static status = 502
  name = 'BadGatewayError'
}

export class ServiceUnavailableError extends AffitorServiceError {
  static status = 503
  name = 'ServiceUnavailableError'
}
