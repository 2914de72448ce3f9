import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { isStorable } from '../../../schemas/common.js'
import { ApiError } from '../../errors.js'

export interface AuthPluginOptions {
  /** Signs access tokens. */
  sessionSecret: string
  /** Send the cookie over HTTPS only. */
  secureCookie: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Hook: the request comes from a user, by Bearer token or cookie; `request.user.sub` is the user's id. */
    authenticate (request: FastifyRequest): Promise<void>
  }
  interface FastifyReply {
    /** Makes an access token for the user and sets it as the browser's cookie too. */
    logIn (userId: string): string
    /** Removes the browser's cookie. */
    logOut (): void
  }
}

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: { sub: string }
    user: { sub: string }
  }
}

/** Name of the cookie that carries the access token, where it may go over plain HTTP. */
export const SESSION_COOKIE = 'session'

/**
 * Name of that cookie as it is sent. Browsers take one with the prefix over HTTPS and from this very host only, so that
 * no other host of the domain can log a visitor in as somebody else.
 */
export function sessionCookieName (secure: boolean): string {
  return secure ? `__Host-${SESSION_COOKIE}` : SESSION_COOKIE
}

/** Signed or not: nobody has an id that the database cannot even be asked for. */
export function isUserId (sub: unknown): boolean {
  return typeof sub === 'string' && isStorable(sub)
}

const TOKEN_LIFETIME_SECONDS = 12 * 60 * 60

/** Tokens of users. */
export default fp<AuthPluginOptions>(async (app, options) => {
  const cookieName = sessionCookieName(options.secureCookie)
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: options.secureCookie } as const
  await app.register(cookie)
  await app.register(jwt, {
    secret: options.sessionSecret,
    sign: { algorithm: 'HS256', expiresIn: TOKEN_LIFETIME_SECONDS },
    // Pinned, so that a token cannot choose its own algorithm.
    verify: { algorithms: ['HS256'] },
    cookie: { cookieName, signed: false }
  })

  app.decorate('authenticate', async (request: FastifyRequest) => {
    try {
      await request.jwtVerify()
    } catch (error) {
      throw new ApiError('UNAUTHORIZED', undefined, { cause: error })
    }
    if (!isUserId(request.user.sub)) throw new ApiError('UNAUTHORIZED')
  })

  app.decorateReply('logIn', function (this: FastifyReply, userId: string) {
    const accessToken = app.jwt.sign({ sub: userId })
    this.setCookie(cookieName, accessToken, { ...attributes, maxAge: TOKEN_LIFETIME_SECONDS })
    this.header('cache-control', 'no-store')
    return accessToken
  })
  app.decorateReply('logOut', function (this: FastifyReply) {
    this.clearCookie(cookieName, attributes)
  })
}, { name: 'auth' })
