// Generated from openapi.json by `npm run generate`.

import type { AffitorServiceError, UnknownCode } from './index.js'

/** Answered 400. */
export class BadRequestError extends AffitorServiceError<'INVALID_REQUEST' | 'INVALID_JSON' | 'INVALID_SIGNATURE' | 'UNSUPPORTED_EVENT' | 'UNKNOWN_STRIPE_EVENT' | 'IMPLAUSIBLE_FACT' | 'STRIPE_REJECTED' | UnknownCode> {
  static readonly status: 400
}
/** Answered 401. */
export class UnauthorizedError extends AffitorServiceError<'UNAUTHORIZED' | 'OPERATOR_ONLY' | 'BACKEND_ONLY' | 'INVALID_CREDENTIALS' | UnknownCode> {
  static readonly status: 401
}
/** Answered 403. */
export class ForbiddenError extends AffitorServiceError<'CROSS_ORIGIN' | 'FORBIDDEN' | UnknownCode> {
  static readonly status: 403
}
/** Answered 404. */
export class NotFoundError extends AffitorServiceError<'NOT_FOUND' | UnknownCode> {
  static readonly status: 404
}
/** Answered 405. */
export class MethodNotAllowedError extends AffitorServiceError<'METHOD_NOT_ALLOWED' | UnknownCode> {
  static readonly status: 405
}
/** Answered 408. */
export class RequestTimeoutError extends AffitorServiceError<'REQUEST_TIMEOUT' | UnknownCode> {
  static readonly status: 408
}
/** Answered 409. */
export class ConflictError extends AffitorServiceError<'EMAIL_TAKEN' | 'CONFLICTING_FACT' | 'IDEMPOTENCY_KEY_REUSED' | 'NOT_RETRYABLE' | 'NOT_RESOLVABLE' | 'NOT_HOLDABLE' | 'CUSTOMER_BUSY' | UnknownCode> {
  static readonly status: 409
}
/** Answered 413. */
export class PayloadTooLargeError extends AffitorServiceError<'BODY_TOO_LARGE' | UnknownCode> {
  static readonly status: 413
}
/** Answered 415. */
export class UnsupportedMediaTypeError extends AffitorServiceError<'UNSUPPORTED_MEDIA_TYPE' | UnknownCode> {
  static readonly status: 415
}
/** Answered 429. */
export class TooManyRequestsError extends AffitorServiceError<'RATE_LIMITED' | UnknownCode> {
  static readonly status: 429
}
/** Answered 500. */
export class InternalServerError extends AffitorServiceError<'INTERNAL_ERROR' | UnknownCode> {
  static readonly status: 500
}
/** Answered 502. */
export class BadGatewayError extends AffitorServiceError<'STRIPE_MISCONFIGURED' | UnknownCode> {
  static readonly status: 502
}
/** Answered 503. */
export class ServiceUnavailableError extends AffitorServiceError<'STRIPE_UNAVAILABLE' | 'AFFITOR_UNAVAILABLE' | 'DATABASE_UNAVAILABLE' | 'SHUTTING_DOWN' | 'OVERLOADED' | UnknownCode> {
  static readonly status: 503
}
