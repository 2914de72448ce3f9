import Stripe from 'stripe'

/** Stripe's own API. */
export const STRIPE_API = 'https://api.stripe.com'

export interface StripeClientOptions {
  secretKey: string
  apiUrl: string
  /** Longest wait for one answer, in milliseconds (4,500). */
  timeoutMs?: number | undefined
}

/** Two tries fit into the time that a buyer waits; in milliseconds. The package's own is 80 seconds. */
const TIMEOUT_MS = 4_500

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
