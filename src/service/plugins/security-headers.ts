import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import type { HelmetOptions } from 'helmet'

/** What of Helmet's options differs for a page. */
export type PageSecurity = Pick<HelmetOptions, 'contentSecurityPolicy'>

/**
 * The security headers of every answer, by name.
 * @param https whether browsers reach the service by HTTPS
 */
export function securityHeaders (https: boolean, page: PageSecurity = {}): Record<string, string> {
  return headersByHelmet({
    // On plain HTTP this directive would break every page but localhost's.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: https ? [] : null } },
    strictTransportSecurity: https,
    ...page
  })
}

/** The headers that Helmet would set on each answer, made once: they never differ. */
export function headersByHelmet (options: HelmetOptions): Record<string, string> {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(options)(request, response, () => {})
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}
