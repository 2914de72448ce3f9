import type { FastifySchema } from 'fastify'
import fp from 'fastify-plugin'
import { ApiError } from '../../errors.js'
import { bearerToken } from '../../http/require-token.js'
import { isUserId } from './auth.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The security scheme whose tokens the route takes, by which a valid one of another is told from a wrong one. */
    expectedToken?: keyof typeof OWNERS
  }
}

export interface ForeignTokensOptions {
  /** Tokens by the security scheme that takes them, as the document names it. */
  tokens: Record<'operatorToken' | 'apiToken', string[]>
}

const OWNERS = { operatorToken: 'the operator', apiToken: 'another backend', userToken: 'a user' }

/** Answers 403 to a token that is valid and for other routes: 401 would say that it is wrong, and have it asked for again. */
export default fp<ForeignTokensOptions>(async (app, { tokens }) => {
  const owners = new Map(Object.entries(tokens).flatMap(([scheme, list]) => list.map(token => [token, scheme as keyof typeof OWNERS])))

  app.addHook('onRoute', route => {
    const expected = schemesOf(route.schema).find((scheme): scheme is keyof typeof OWNERS => scheme in OWNERS)
    if (expected !== undefined) route.config = { ...route.config, expectedToken: expected }
  })
  app.addHook('onRequest', async request => {
    const { expectedToken: expected } = request.routeOptions.config
    const token = expected === undefined ? undefined : bearerToken(request)
    if (expected === undefined || token === undefined) return
    const owner = owners.get(token) ?? (expected !== 'userToken' && isOfUser(token) ? 'userToken' : undefined)
    if (owner === undefined || owner === expected) return
    throw new ApiError('FORBIDDEN', `This is the token of ${OWNERS[owner]}, and this route is for ${OWNERS[expected]}.`)
  })

  function isOfUser (token: string): boolean {
    try {
      return isUserId(app.jwt.verify<{ sub?: unknown }>(token).sub)
    } catch {
      return false
    }
  }
}, { name: 'foreign-tokens', dependencies: ['auth'] })

function schemesOf (schema: FastifySchema | undefined): string[] {
  const { security = [] } = (schema ?? {}) as { security?: Array<Record<string, unknown>> }
  return security.flatMap(Object.keys)
}
