// @ts-check
import createFetchClient from 'openapi-fetch'
import { call, list } from './call.js'
import { errorResponse } from './errors.js'
import { operations } from './operations.js'

export * from './error-classes.js'
export { AffitorServiceError, ConnectionError } from './errors.js'

/** @type {typeof import('./index.js').createClient} */
export function createClient ({ baseUrl, token, fetch, timeoutMs = 10_000, maxRetries = 2 }) {
  /** @type {any} */
  const client = createFetchClient({ baseUrl, ...(fetch === undefined ? {} : { fetch }) })
  client.use({
    /** @param {{ request: Request }} sent */
    onRequest ({ request }) {
      const value = typeof token === 'function' ? token() : token
      if (value && !request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${value}`)
      return request
    }
  })
  for (const name of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'request']) client[name] = withErrors(client[name])
  for (const [name, operation] of Object.entries(operations)) {
    client[name] = (parameters = {}, /** @type {import('./types.js').KeyedCallOptions} */ options = {}) => {
      const read = (/** @type {object} */ each) => call(client, operation, each, {
        ...options, timeoutMs: options.timeoutMs ?? timeoutMs, maxRetries: options.maxRetries ?? maxRetries
      })
      return operation.items === undefined ? read(parameters) : list(read, operation.items, parameters)
    }
  }
  return client
}

/**
 * A method of the client's, whose every failure is told as the service tells its own.
 * @param {(...request: any[]) => Promise<{ data?: unknown, error?: unknown, response: Response }>} send
 */
function withErrors (send) {
  return async (/** @type {any[]} */ ...request) => {
    /** @type {Response | undefined} */
    let received
    const last = request.at(-1)
    const init = typeof last === 'object' ? last : {}
    const names = request.filter(part => typeof part === 'string')
    const middleware = [...(init.middleware ?? []), { onResponse: (/** @type {{ response: Response }} */ { response }) => { received = response } }]
    const answer = await send(...names, { ...init, middleware }).catch(error => {
      // A page with status 200, such as that of a proxy that asks for a login, is no JSON.
      if (received === undefined || !(error instanceof SyntaxError)) throw error
      return { data: undefined, error: undefined, response: received }
    })
    const { data, error, response } = answer
    if (response.ok && (data !== undefined || response.status === 204)) return answer
    return { error: errorResponse(error, response), response }
  }
}
