import fp from 'fastify-plugin'
import { ApiError } from '../../errors.js'
import { isForeign, onlyReads } from '../../http/cross-origin.js'

export interface CrossOriginPluginOptions {
  /** Origins whose pages may act with the user's cookie, beside the one that the request came to. */
  origins: string[]
  /** Name of the cookie that carries the session. */
  sessionCookie: string
  /** Paths that are called by programs, which prove themselves by what they send and not by a browser's cookie. */
  notForBrowsers: string[]
}

/**
 * Refuses what a page of another origin has a browser do with the session's cookie. SameSite lets the cookie go along
 * from any other host of the domain, and no preflight comes before a POST without a body. A Bearer token without the
 * cookie is no browser's doing.
 */
export default fp<CrossOriginPluginOptions>(async (app, { origins, sessionCookie, notForBrowsers }) => {
  const allowed = new Set(origins)

  app.addHook('onRequest', async request => {
    if (onlyReads(request) || request.is404 || notForBrowsers.includes(request.routeOptions.url ?? '')) return
    const byTokenAlone = /^Bearer /i.test(request.headers.authorization ?? '') && request.cookies[sessionCookie] === undefined
    // Also without the cookie: a login sets one.
    if (!byTokenAlone && isForeign(request, allowed)) throw new ApiError('CROSS_ORIGIN')
  })
}, { name: 'cross-origin', dependencies: ['auth'] })
