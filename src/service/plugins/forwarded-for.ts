import type { FastifyRequest } from 'fastify'

/** An address with a port, as Azure's gateways and others append it: `203.0.113.7:51234`, `[2001:db8::1]:443`. */
const WITH_PORT = /^\[([^\]]+)\](?::\d+)?$|^([^:]+):\d+$/

/**
 * Takes the ports out of `X-Forwarded-For` before anybody asks for the caller's address: each connection has another
 * one, so that whoever counts by address would see another caller each time.
 */
export function dropForwardedPorts ({ raw: { headers } }: FastifyRequest): void {
  const entries = headers['x-forwarded-for']
  // Node joins what comes in several headers of this name.
  if (typeof entries === 'string') headers['x-forwarded-for'] = entries.split(',').map(withoutPort).join(', ')
}

function withoutPort (entry: string): string {
  const address = entry.trim()
  const [, v6, v4] = WITH_PORT.exec(address) ?? []
  return v6 ?? v4 ?? address
}
