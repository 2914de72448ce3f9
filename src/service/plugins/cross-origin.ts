import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ApiError } from '../../errors.js'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Called by programs that prove themselves by what they send, not by a browser's cookie. */
    notForBrowsers?: boolean
  }
}

export interface CrossOriginPluginOptions {
  /** Origins whose pages may act with the user's cookie, beside the one that the request came to. */
  origins: string[]
  /** Name of the cookie that carries the session. */
  sessionCookie: string
}

const READING = ['GET', 'HEAD', 'OPTIONS']

/**
 * Refuses what a page of another origin has a browser do with the session's cookie. SameSite lets the cookie go along
 * from any other host of the domain, and no preflight comes before a POST without a body.
 *
 * The rules are those of Go's `http.CrossOriginProtection` (https://pkg.go.dev/net/http#CrossOriginProtection): every
 * browser since 2023 says `Sec-Fetch-Site` to HTTPS and localhost, older ones `Origin` with each POST. Who sends neither
 * is no browser, and has no cookie but of its own accord. A Bearer token without the cookie is no browser's doing either.
 */
export default fp<CrossOriginPluginOptions>(async (app, { origins, sessionCookie }) => {
  const allowed = new Set(origins)

  function isForeign ({ headers: { origin, 'sec-fetch-site': site }, host }: FastifyRequest): boolean {
    if (origin !== undefined && allowed.has(origin)) return false
    if (site !== undefined) return site !== 'same-origin' && site !== 'none'
    return origin !== undefined && hostOf(origin) !== host.toLowerCase()
  }

  app.addHook('onRequest', async request => {
    if (READING.includes(request.method) || request.is404 || request.routeOptions.config.notForBrowsers === true) return
    const byTokenAlone = /^Bearer /i.test(request.headers.authorization ?? '') && request.cookies[sessionCookie] === undefined
    // Also without the cookie: a login sets one.
    if (!byTokenAlone && isForeign(request)) throw new ApiError('CROSS_ORIGIN')
  })
}, { name: 'cross-origin', dependencies: ['auth'] })

/** @returns undefined for `null` and what else has no host */
function hostOf (origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
