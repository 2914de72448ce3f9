// @ts-check
import { createClient } from 'fastify-affitor-client'
import { clickId } from './click.js'

// Browsers send the session's cookie by themselves.
const client = createClient({ baseUrl: location.origin + document.body.dataset.basePath })

/** An answer of the API that is no success, in words for people. */
export class Problem extends Error {
  /**
   * @param {string} code of the API's catalogue; `OFFLINE` without an answer
   * @param {string} message
   * @param {string} [field] that must change
   */
  constructor (code, message, field) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** @param {{ email: string, password: string }} credentials */
export async function signUp (credentials) {
  await answer(client.POST('/api/signup', { body: { ...credentials, affitorClickId: await clickId() } }))
}

/** @param {{ email: string, password: string }} credentials */
export async function logIn (credentials) {
  await answer(client.POST('/api/login', { body: credentials }))
}

export async function logOut () {
  await answer(client.POST('/api/logout'))
}

/**
 * Opens a checkout.
 * @param {{ priceId: string, mode: 'payment' | 'subscription' }} offer
 * @returns {Promise<string>} address of the page to pay at
 */
export async function checkOut (offer) {
  const { url } = await answer(client.POST('/api/checkout', {
    // Browsers have it on HTTPS and localhost only.
    params: { header: { 'idempotency-key': crypto.randomUUID?.() } },
    body: { ...offer, affitorClickId: await clickId() }
  }))
  return url
}

/**
 * The data of a request's answer.
 * @template T
 * @param {Promise<{ data?: T, error?: { code: string, message: string }, response: Response }>} request
 * @returns {Promise<T>}
 * @throws {Problem}
 */
async function answer (request) {
  const { data, error } = await request.catch(() => {
    throw new Problem('OFFLINE', 'The store cannot be reached. Check your connection, then try again.')
  })
  if (error !== undefined) throw problemOf(error)
  return /** @type {T} */ (data)
}

/** @type {Record<string, string>} */
const words = {
  UNEXPECTED_ANSWER: 'That did not work. Try again in a minute.',
  EMAIL_TAKEN: 'There is an account with this e-mail already: log in instead.',
  INVALID_CREDENTIALS: 'The e-mail or the password is wrong.',
  'body/email': 'This is not a complete e-mail address.',
  'body/password': 'Choose a password of 8 to 128 characters that few others have.',
  STRIPE_UNAVAILABLE: 'Stripe, which takes the payment, does not answer. Nothing was charged; try again in a minute.'
}

/**
 * What the API says to developers, said to people.
 * @param {{ code: string, message: string }} error
 */
function problemOf ({ code, message }) {
  const [place = '', name] = /^body\/(email|password)\b/.exec(message) ?? []
  const field = name ?? (code === 'EMAIL_TAKEN' ? 'email' : code === 'INVALID_CREDENTIALS' ? 'password' : undefined)
  return new Problem(code, words[place] ?? words[code] ?? message, field)
}
