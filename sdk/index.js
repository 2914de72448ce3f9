// @ts-check
import createFetchClient from 'openapi-fetch'

/** @type {typeof import('./index.js').createClient} */
export function createClient ({ baseUrl, token, fetch }) {
  /** @type {import('./index.js').Client} */
  const client = createFetchClient({ baseUrl, ...(fetch === undefined ? {} : { fetch }) })
  client.use({
    onRequest ({ request }) {
      const value = typeof token === 'function' ? token() : token
      if (value && !request.headers.has('authorization')) request.headers.set('authorization', `Bearer ${value}`)
      return request
    }
  })
  return client
}
