import type { FastifyRequest } from 'fastify'

const READING = ['GET', 'HEAD', 'OPTIONS']

/** Whether a request changes nothing. */
export function onlyReads ({ method }: FastifyRequest): boolean {
  return READING.includes(method)
}

/**
 * Whether a page of another origin had a browser send the request. The rules are those of Go's
 * `http.CrossOriginProtection` (https://pkg.go.dev/net/http#CrossOriginProtection): every browser since 2023 says
 * `Sec-Fetch-Site` to HTTPS and localhost, older ones `Origin` with each POST. Who sends neither is no browser.
 * @param allowed origins whose pages may, beside the one that the request came to
 */
export function isForeign ({ headers: { origin, 'sec-fetch-site': site }, host }: FastifyRequest, allowed: ReadonlySet<string>): boolean {
  if (origin !== undefined && allowed.has(origin)) return false
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && hostOf(origin) !== host.toLowerCase()
}

/** @returns undefined for `null` and what else has no host */
function hostOf (origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
