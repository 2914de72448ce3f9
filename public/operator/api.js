// @ts-check
import { createClient } from 'fastify-affitor-client'
import { session } from './session.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {{ kind?: Schemas['TrackingKind'], state?: Schemas['TrackingState'], limit?: number, cursor?: string }} EventQuery */

/** The token is not, or no longer, the operator's. */
export class TokenRefused extends Error {}
/** No answer came, or the service is not able to give one now. */
export class Unavailable extends Error {}
/** The service does not do what was asked; the message says why, in words for the operator. */
export class Refused extends Error {}

const baseUrl = location.origin + (document.body.dataset.basePath ?? '')
const client = createClient({ baseUrl, token: session.token })

/**
 * The data of an answer.
 * @template Data
 * @param {Promise<{ data?: Data, error?: Schemas['ErrorResponse'], response: Response }>} request
 * @throws {TokenRefused | Unavailable | Refused}
 */
async function dataOf (request) {
  const { data, error, response } = await request.catch(() => { throw new Unavailable('No answer came.') })
  if (data !== undefined) return data
  const message = error?.message ?? `The service answered ${response.status}.`
  if (response.status === 401) throw new TokenRefused(message)
  throw response.status >= 500 ? new Unavailable(message) : new Refused(message)
}

/**
 * Whether this is the operator's token.
 * @param {string} token
 * @throws {Unavailable | Refused}
 */
export async function isOperatorToken (token) {
  // Nothing else fits into a header.
  if (!/^[\x21-\x7e]+$/.test(token)) return false
  try {
    await dataOf(createClient({ baseUrl, token }).GET('/api/tracking/summary'))
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

export const readProgram = () => dataOf(client.GET('/api/tracking/program'))

/** @param {EventQuery} query */
export const listEvents = query => dataOf(client.GET('/api/tracking/events', { params: { query } }))

/** @param {Schemas['StripeEventState']} state */
export const listStripeEvents = state => dataOf(client.GET('/api/tracking/stripe-events', { params: { query: { state } } }))

/** @param {string} customerKey */
export const readStory = customerKey => dataOf(client.GET('/api/tracking/customers/{customerKey}', { params: { path: { customerKey } } }))

/** @param {number} id */
export const retryEvent = id => dataOf(client.POST('/api/tracking/events/{id}/retry', { params: { path: { id } } }))

/** @param {number} id */
export const holdEvent = id => dataOf(client.POST('/api/tracking/events/{id}/hold', { params: { path: { id } } }))

/** @param {string} id */
export const retryStripeEvent = id => dataOf(client.POST('/api/tracking/stripe-events/{id}/retry', { params: { path: { id } } }))
