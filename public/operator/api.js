// @ts-check
import { createClient } from 'fastify-affitor-client'
import { session } from './session.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {import('fastify-affitor-client').operations} Operations */
/** @typedef {NonNullable<Operations['listTrackingEvents']['parameters']['query']>} EventQuery */
/** @typedef {NonNullable<Operations['listStripeEvents']['parameters']['query']>} StripeEventQuery */
/** @typedef {{ by?: string }} By who does it */
/** @typedef {{ note: string, by?: string }} Note */

/** Whoever looks at the page is not, or no longer, an operator. */
export class TokenRefused extends Error {}
/** No answer came, or the service is not able to give one now. */
export class Unavailable extends Error {}
/** The service does not do what was asked; the message says why, in words for the operator. */
export class Refused extends Error {}

/** The client's paths begin with this; where the app has put them, the page is told. */
const API = '/api/tracking'
const baseUrl = location.origin
const api = new URL(document.body.dataset.api ?? '', location.href).pathname

/**
 * A request to where the app has put the operator's routes.
 * @param {Request} request
 */
async function fetchFromApi (request) {
  const { url, method, headers, signal } = request
  // Read first: browsers send a request's body as a stream otherwise, which HTTP/1.1 has not.
  const body = await request.text()
  return await fetch(url.replace(baseUrl + API, baseUrl + api), { method, headers, signal, ...(body !== '' && { body }) })
}

const client = createClient({ baseUrl, token: session.token, fetch: fetchFromApi })

/**
 * The data of an answer.
 * @template Data
 * @param {Promise<{ data?: Data, error?: Schemas['ErrorResponse'], response: Response }>} request
 * @throws {TokenRefused | Unavailable | Refused}
 */
async function dataOf (request) {
  const { data, error, response } = await request.catch(() => { throw new Unavailable('No answer came.') })
  if (data !== undefined) return data
  throw problemOf(response.status, error?.message)
}

/**
 * @param {number} status
 * @param {string} [message]
 */
function problemOf (status, message = `The service answered ${status}.`) {
  if (status === 401 || (status === 403 && !byToken)) return new TokenRefused(message)
  return status >= 500 ? new Unavailable(message) : new Refused(message)
}

/**
 * The answer to a request whose body is for people to keep, and not for this page to read.
 * @param {string} path behind the operator's routes
 * @param {RequestInit} [init]
 * @throws {TokenRefused | Unavailable | Refused}
 */
async function answerOf (path, init) {
  const token = session.token()
  const request = new Request(`${baseUrl}${API}${path}`, { ...init, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  const response = await fetchFromApi(request).catch(() => { throw new Unavailable('No answer came.') })
  if (response.ok) return response
  const body = await response.json().catch(() => undefined)
  throw problemOf(response.status, body?.message)
}

/** Whether operators prove themselves by a token alone; otherwise the app may know them already, by a cookie. */
export const byToken = document.body.dataset.byToken !== 'false'

/**
 * Whether this is the operator's token; without one, whether the app knows the operator already.
 * @param {string} [token]
 * @throws {Unavailable | Refused}
 */
export async function isOperator (token) {
  // Nothing else fits into a header.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) return false
  try {
    await dataOf(createClient({ baseUrl, token, fetch: fetchFromApi }).GET('/api/tracking/summary'))
    return true
  } catch (error) {
    if (error instanceof TokenRefused) return false
    throw error
  }
}

export const readSummary = () => dataOf(client.GET('/api/tracking/summary'))

/** @param {Schemas['Period']} period */
export const readFunnel = period => dataOf(client.GET('/api/tracking/funnel', { params: { query: { period } } }))

/** @param {Schemas['Period']} period */
export const readDeliveries = period => dataOf(client.GET('/api/tracking/deliveries', { params: { query: { period } } }))

export const readChecks = () => dataOf(client.GET('/api/tracking/checks'))

export const readProgram = () => dataOf(client.GET('/api/tracking/program'))

/** @param {EventQuery} query */
export const listEvents = query => dataOf(client.GET('/api/tracking/events', { params: { query } }))

/** @param {StripeEventQuery} query */
export const listStripeEvents = query => dataOf(client.GET('/api/tracking/stripe-events', { params: { query } }))

/**
 * The events that match, as a file for spreadsheets, and whether there are more than it holds.
 * @param {EventQuery} query
 */
export async function downloadEvents (query) {
  const pairs = Object.entries(query).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)]])
  const response = await answerOf(`/events.csv?${new URLSearchParams(pairs)}`)
  return { content: await response.blob(), isTruncated: response.headers.get('x-truncated') === 'true' }
}

/** @param {string} q */
export const search = q => dataOf(client.GET('/api/tracking/search', { params: { query: { q } } }))

export const readAttention = () => dataOf(client.GET('/api/tracking/attention'))

/** @param {string} customerKey */
export const readStory = customerKey => dataOf(client.GET('/api/tracking/customers/{customerKey}', { params: { path: { customerKey } } }))

/**
 * @param {number} id
 * @param {By} body
 */
export const retryEvent = (id, body) => dataOf(client.POST('/api/tracking/events/{id}/retry', { params: { path: { id } }, body }))

/**
 * @param {number} id
 * @param {By} body
 */
export const holdEvent = (id, body) => dataOf(client.POST('/api/tracking/events/{id}/hold', { params: { path: { id } }, body }))

/**
 * @param {number} id
 * @param {Note} body
 */
export const resolveEvent = (id, body) => dataOf(client.POST('/api/tracking/events/{id}/resolve', { params: { path: { id } }, body }))

/**
 * @param {number} id
 * @param {By} body
 */
export const reopenEvent = (id, body) => dataOf(client.POST('/api/tracking/events/{id}/reopen', { params: { path: { id } }, body }))

/**
 * @param {string} id
 * @param {By} body
 */
export const retryStripeEvent = (id, body) => dataOf(client.POST('/api/tracking/stripe-events/{id}/retry', { params: { path: { id } }, body }))

/**
 * @param {string} id
 * @param {Note} body
 */
export const resolveStripeEvent = (id, body) => dataOf(client.POST('/api/tracking/stripe-events/{id}/resolve', { params: { path: { id } }, body }))

/**
 * @param {string} id
 * @param {By} body
 */
export const reopenStripeEvent = (id, body) => dataOf(client.POST('/api/tracking/stripe-events/{id}/reopen', { params: { path: { id } }, body }))

/** @param {{ reason: string } & By} body */
export const retryByReason = body => dataOf(client.POST('/api/tracking/attention/retry', { body }))

/** @param {{ reason: string } & Note} body */
export const resolveByReason = body => dataOf(client.POST('/api/tracking/attention/resolve', { body }))

/**
 * Everything about a customer, as a file.
 * @param {string} customerKey
 */
export async function exportCustomer (customerKey) {
  const response = await answerOf(`/customers/${encodeURIComponent(customerKey)}/export`)
  return await response.blob()
}

/** @param {string} customerKey */
export const deletePersonalData = customerKey => answerOf(`/customers/${encodeURIComponent(customerKey)}/personal-data`, { method: 'DELETE' })
