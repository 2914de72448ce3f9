import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import type { HelmetOptions } from 'helmet'

/**
 * Helmet's options for every answer; a page's route narrows them.
 * @param https whether browsers reach the service by HTTPS
 */
export function helmetOptions (https: boolean) {
  return {
    // On plain HTTP this directive would break every page but localhost's.
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: https ? [] : null } },
    strictTransportSecurity: https
  } satisfies HelmetOptions
}

/** The same headers by name, for answers that no hook of Fastify sees. */
export function securityHeaders (https: boolean): Record<string, string> {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  helmet(helmetOptions(https))(request, response, () => {})
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]))
}
