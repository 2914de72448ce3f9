import Stripe from 'stripe'

export interface StripeClientOptions {
  secretKey: string
  apiUrl: string
  /** Longest wait for one answer, in milliseconds (10,000). */
  timeoutMs?: number | undefined
}

/** A time-out that a waiting buyer bears, in milliseconds; the package's own is 80 seconds. */
const TIMEOUT_MS = 10_000

export function createStripeClient ({ secretKey, apiUrl, timeoutMs = TIMEOUT_MS }: StripeClientOptions): Stripe {
  const { protocol, hostname, port } = new URL(apiUrl)
  return new Stripe(secretKey, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    timeout: timeoutMs,
    maxNetworkRetries: 1,
    telemetry: false,
    appInfo: { name: 'fastify-affitor' }
  })
}
