import type { Client as FetchClient } from 'openapi-fetch'
import type { Methods, ServiceErrorCode } from './operations.js'
import type { components, paths } from './schema.js'

export * from './error-classes.js'
export type { Methods, ServiceErrorCode } from './operations.js'
export type { components, operations, paths } from './schema.js'
export type { CallOptions, KeyedCallOptions } from './types.js'

/** The schemas of the API by name, such as `Schemas['TrackingEvent']`. */
export type Schemas = components['schemas']

export interface ClientOptions {
  /** Address of the service, such as `https://api.example.com`. */
  baseUrl: string
  /**
   * A user's access token, a backend's `API_TOKEN` or an operator's `ADMIN_TOKEN`: sent as a Bearer token. A function is
   * asked before every request. Browsers that signed up or logged in need none: they have the cookie.
   */
  token?: string | (() => string | undefined) | undefined
  /** Default `globalThis.fetch`. */
  fetch?: ((request: Request) => Promise<Response>) | undefined
  /** Milliseconds that one attempt of a method may take. Default 10,000. */
  timeoutMs?: number | undefined
  /** How often a method sends again what may safely be repeated. Default 2. */
  maxRetries?: number | undefined
}

/**
 * A method an operation, such as `client.createUser({ email, password })`: it resolves to the data, and rejects with an
 * `AffitorServiceError`.
 *
 * Below them one an HTTP method: `client.POST('/api/signup', { body })`. Each resolves to `{ data, error, response }`:
 * `data` on success, else `error`, in the shape of the service's errors whoever answered. They send once, and reject
 * only when the network fails.
 */
export type Client = Methods & FetchClient<paths>

export function createClient (options: ClientOptions): Client

/** `UNEXPECTED_ANSWER`: something other than the service answered. Later releases of the service may add codes. */
export type UnknownCode = 'UNEXPECTED_ANSWER' | (string & {})

/** `NO_ANSWER`: the network failed. */
export type ErrorCode = ServiceErrorCode | 'NO_ANSWER' | 'TIMEOUT' | UnknownCode

/** What the methods reject with, whether the service answered or nobody did: one of its classes, by the answer's status. */
export class AffitorServiceError<Code extends string = ErrorCode> extends Error {
  /** Stable across releases; the message is for people. */
  readonly code: Code
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined
  /** Every field that is wrong, where the request was refused for its fields; otherwise empty. */
  readonly details: Array<{ field: string, message: string }>
  /** `X-Request-Id` of the answer, when it has one. */
  readonly requestId: string | undefined
  /** What the answer asks to wait, from `Retry-After`. */
  readonly retryAfterSeconds: number | undefined
  constructor (error: { code: string, message: string, details?: Array<{ field: string, message: string }> }, response?: Response, options?: ErrorOptions)
}

/** No answer came. */
export class ConnectionError extends AffitorServiceError<'NO_ANSWER' | 'TIMEOUT'> {}
