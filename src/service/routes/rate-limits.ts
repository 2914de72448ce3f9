import type { RateLimitPluginOptions } from '@fastify/rate-limit'
import type { FastifyInstance, preHandlerAsyncHookHandler } from 'fastify'
import { ApiError } from '../../errors.js'
import { RATE_WINDOW_MS } from '../plugins/security.js'

/**
 * How many addresses' worth of logins one account may have. The minutes of an address and of an account begin at
 * different times, so an address that uses up its limit twice around the turn of its minute has two shares of the
 * account's: by three shares it takes more than one address to shut the owner out.
 */
const ADDRESSES_PER_ACCOUNT = 3
/** Accounts that are counted at once; more than one process can check passwords for in a minute. */
const COUNTED_ACCOUNTS = 50_000

/** Route configuration that limits callers by address; 0 turns the limit off. */
export function rateLimited (perMinute: number) {
  return perMinute > 0 ? { rateLimit: { max: perMinute, timeWindow: RATE_WINDOW_MS } } : undefined
}

/**
 * Hooks that limit logins by account, known or not, from whatever addresses they come. Every attempt counts before its
 * password is looked at: if failures alone did, guesses that come all at once would pass.
 * @param perMinute what one address may do; 0 turns the limit off
 */
export function limitedByAccount (app: FastifyInstance, perMinute: number): preHandlerAsyncHookHandler[] {
  if (perMinute === 0) return []
  const options: RateLimitPluginOptions = {
    max: ADDRESSES_PER_ACCOUNT * perMinute,
    timeWindow: RATE_WINDOW_MS,
    cache: COUNTED_ACCOUNTS,
    keyGenerator: request => (request.body as { email: string }).email.toLowerCase()
  }
  const count = app.createRateLimit(options)
  return [async (request, reply) => {
    const attempts = await count(request)
    if (attempts.isAllowed || !attempts.isExceeded) return
    reply.header('retry-after', attempts.ttlInSeconds)
    throw new ApiError('RATE_LIMITED', `Too many logins for this account. Try again in ${attempts.ttlInSeconds} seconds.`)
  }]
}
