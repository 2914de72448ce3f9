/** Where a page may load from, send to and be shown, as the sources of each directive of a Content-Security-Policy. */
export type Directives = Record<string, string[]>

/** The policy of every answer; a page replaces what it needs otherwise. */
const POLICY: Directives = {
  'default-src': ["'self'"],
  'base-uri': ["'self'"],
  'font-src': ["'self'", 'https:', 'data:'],
  'form-action': ["'self'"],
  'frame-ancestors': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'script-src': ["'self'"],
  'script-src-attr': ["'none'"],
  'style-src': ["'self'", 'https:', "'unsafe-inline'"]
}

/**
 * Helmet's list, written out: `@fastify/helmet` makes its middleware anew for each request, which halves the requests
 * per second, and an answer to what is no HTTP has no request that a middleware could be given. A test compares both.
 */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0'
}

/**
 * The security headers of an answer, by name.
 * @param https whether browsers reach the service by HTTPS
 * @param page what a page's policy has otherwise; browsers then upgrade nothing by themselves
 */
export function securityHeaders (https: boolean, page?: Directives): Record<string, string> {
  return {
    ...HEADERS,
    // On plain HTTP the last directive would break every page but localhost's.
    'content-security-policy': contentSecurityPolicy({ ...POLICY, ...(page ?? (https ? { 'upgrade-insecure-requests': [] } : {})) }),
    ...(https && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' })
  }
}

/**
 * The headers of a page that keeps to itself: it loads only what these directives name, and nobody may frame it. They say
 * nothing of `form-action`, which would also stop the redirect of a paid form to the shop.
 */
export function secludedHeaders (directives: Directives): Record<string, string> {
  const nothing = { 'default-src': ["'none'"], 'base-uri': ["'none'"], 'frame-ancestors': ["'none'"] }
  return { ...HEADERS, 'x-frame-options': 'DENY', 'content-security-policy': contentSecurityPolicy({ ...nothing, ...directives }) }
}

function contentSecurityPolicy (directives: Directives): string {
  return Object.entries(directives).map(([name, sources]) => {
    const wrong = sources.find(source => /[;,]/.test(source))
    if (wrong !== undefined) throw new Error(`A source of ${name} may hold neither ";" nor ",": ${wrong}`)
    return [name, ...sources].join(' ')
  }).join(';')
}
