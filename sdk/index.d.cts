// Generated from openapi.json by `npm run generate`.

import type * as client from './index.js' with { 'resolution-mode': 'import' }

export type * from './index.js' with { 'resolution-mode': 'import' }
export declare const createClient: typeof client.createClient
export declare const AffitorServiceError: typeof client.AffitorServiceError
export type AffitorServiceError = client.AffitorServiceError
export declare const ConnectionError: typeof client.ConnectionError
export type ConnectionError = client.ConnectionError
export declare const BadRequestError: typeof client.BadRequestError
export type BadRequestError = client.BadRequestError
export declare const UnauthorizedError: typeof client.UnauthorizedError
export type UnauthorizedError = client.UnauthorizedError
export declare const ForbiddenError: typeof client.ForbiddenError
export type ForbiddenError = client.ForbiddenError
export declare const NotFoundError: typeof client.NotFoundError
export type NotFoundError = client.NotFoundError
export declare const MethodNotAllowedError: typeof client.MethodNotAllowedError
export type MethodNotAllowedError = client.MethodNotAllowedError
export declare const RequestTimeoutError: typeof client.RequestTimeoutError
export type RequestTimeoutError = client.RequestTimeoutError
export declare const ConflictError: typeof client.ConflictError
export type ConflictError = client.ConflictError
export declare const PayloadTooLargeError: typeof client.PayloadTooLargeError
export type PayloadTooLargeError = client.PayloadTooLargeError
export declare const UnsupportedMediaTypeError: typeof client.UnsupportedMediaTypeError
export type UnsupportedMediaTypeError = client.UnsupportedMediaTypeError
export declare const TooManyRequestsError: typeof client.TooManyRequestsError
export type TooManyRequestsError = client.TooManyRequestsError
export declare const InternalServerError: typeof client.InternalServerError
export type InternalServerError = client.InternalServerError
export declare const BadGatewayError: typeof client.BadGatewayError
export type BadGatewayError = client.BadGatewayError
export declare const ServiceUnavailableError: typeof client.ServiceUnavailableError
export type ServiceUnavailableError = client.ServiceUnavailableError
