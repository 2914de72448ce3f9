import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { OWN_ACCOUNT } from '../account.js'
import { permissionMissing, StripeSandboxError } from '../errors.js'
import { neededPermission } from '../permissions.js'

const NO_KEY = 'You did not provide an API key. You need to provide your API key in the Authorization header, using ' +
  "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for " +
  'details, or we can help at https://support.stripe.com/.'

/**
 * Checks the API key: Bearer, or Basic with the key as the user's name.
 * @param permissions what the key may do; absent: everything
 * @throws StripeSandboxError 401 or 403 in Stripe's words.
 */
export function authenticate (request: FastifyRequest, reply: FastifyReply, secretKey: string, permissions?: string[]): void {
  const key = keyOf(request.headers.authorization)
  if (key !== undefined && equal(key, secretKey)) {
    const needed = permissions && neededPermission(request.method, request.url)
    if (needed !== undefined && !permissions?.some((one) => needed.by.includes(one))) throw permissionMissing(mask(key), OWN_ACCOUNT, needed)
    return
  }
  reply.header('www-authenticate', 'Bearer realm="Stripe"')
  throw new StripeSandboxError(401, {
    type: 'invalid_request_error', message: key === undefined ? NO_KEY : `Invalid API Key provided: ${mask(key)}`
  })
}

function keyOf (header: string | undefined): string | undefined {
  const [scheme, value] = header?.split(' ') ?? []
  if (!value) return undefined
  if (scheme?.toLowerCase() === 'bearer') return value
  if (scheme?.toLowerCase() !== 'basic') return undefined
  return Buffer.from(value, 'base64').toString().split(':')[0] || undefined
}

function equal (given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A key as messages show it. */
function mask (key: string): string {
  const prefix = /^[sr]k_(test|live)_/.exec(key)?.[0] ?? ''
  const rest = key.slice(prefix.length)
  return prefix + (rest.length > 4 ? '*'.repeat(rest.length - 4) + rest.slice(-4) : '*'.repeat(rest.length))
}
