import type { Client as FetchClient } from 'openapi-fetch'
import type { components, paths } from './schema.js'

export type { components, operations, paths } from './schema.js'

/** The schemas of the API by name, such as `Schemas['TrackingEvent']`. */
export type Schemas = components['schemas']

export interface ClientOptions {
  /** Address of the service, such as `https://api.example.com`. */
  baseUrl: string
  /**
   * A user's access token, or the operator's token: sent as a Bearer token. A function is asked before every
   * request. Browsers that signed up or logged in need none: they have the cookie.
   */
  token?: string | (() => string | undefined) | undefined
  /** Default `globalThis.fetch`. */
  fetch?: ((request: Request) => Promise<Response>) | undefined
}

/**
 * One method an HTTP method: `client.POST('/api/signup', { body })`. Each resolves to `{ data, error, response }`:
 * `data` on success, else `error`, in the shape of the service's errors whoever answered. They reject only when the
 * network fails.
 */
export type Client = FetchClient<paths>

export function createClient (options: ClientOptions): Client
