import type Stripe from 'stripe'
import { isStripeError } from '../stripe-error.js'
import { STRIPE_API_VERSION } from '../stripe/api-version.js'
import { skip } from './check.js'
import type { Check, Finding } from './check.js'

/** What a first request to Stripe told. */
export interface FirstAnswer {
  key:
    /** A restricted key is not always told its account. */
    | { is: 'accepted', account: string | undefined }
    | { is: 'refused', why: string }
    | { is: 'unanswered', why: string }
  /** The answer's `Date` header. */
  date: string | undefined
  /** By this machine's clock, in milliseconds. */
  sentAt: number
  receivedAt: number
}

/** Asks whose key it is. A restricted key may not see its account; that it is told so shows that it is valid. */
export async function askWhoseKey (stripe: Stripe): Promise<FirstAnswer> {
  const sentAt = Date.now()
  try {
    const account = await stripe.rawRequest('GET', '/v1/account', undefined, { apiVersion: STRIPE_API_VERSION }) as Stripe.Response<Stripe.Account>
    return { key: { is: 'accepted', account: account.id }, date: account.lastResponse.headers.date, sentAt, receivedAt: Date.now() }
  } catch (error) {
    if (!isStripeError(error)) throw error
    return { key: keyOf(error), date: error.headers?.date, sentAt, receivedAt: Date.now() }
  }
}

function keyOf (error: Stripe.errors.StripeError): FirstAnswer['key'] {
  const { statusCode, code, message } = error
  // The message shows the key, or what was put in its place.
  if (statusCode === 401) return { is: 'refused', why: code === 'api_key_expired' ? 'The key has expired.' : 'Stripe does not know the key.' }
  if (statusCode !== 403) return { is: 'unanswered', why: whyUnanswered(error) }
  if (/IP address/.test(message)) return { is: 'refused', why: 'The key may not be used from the address of this machine.' }
  return { is: 'accepted', account: /account '(acct_\w+)'/.exec(message)?.[1] }
}

/** What is wrong when Stripe tells neither yes nor no. */
export function whyUnanswered ({ statusCode, detail }: Stripe.errors.StripeError): string {
  if (statusCode !== undefined) return `Stripe answers with status ${statusCode}.`
  const { code } = { ...detail as { code?: string } | undefined }
  return `Stripe cannot be reached${code === undefined ? '' : ` (${code})`}.`
}

/** A check that needs a valid key. */
export function withKey (name: string, firstAnswer: () => Promise<FirstAnswer>, run: () => Promise<Finding>): Check {
  return {
    name,
    async run () {
      const { key } = await firstAnswer()
      if (key.is === 'refused') return skip('Not asked: the key is refused.')
      return key.is === 'unanswered' ? skip('Not asked: Stripe does not answer.') : await run()
    }
  }
}

/** What Stripe answers; undefined when the key may not ask for it. */
export async function ifAllowed<T> (ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isStripeError(error) && error.statusCode === 403) return undefined
    throw error
  }
}
