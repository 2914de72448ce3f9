import { createHmac, randomBytes } from 'node:crypto'
import { STRIPE_API_VERSION } from '../stripe/api-version.js'

/**
 * An event that Stripe never sends and nobody needs: whoever takes it, nothing changes.
 * @param padding characters, for an event that is large
 */
export function testEvent (padding = 0): object {
  return {
    id: `evt_verify_${randomBytes(12).toString('hex')}`,
    object: 'event',
    api_version: STRIPE_API_VERSION,
    created: Math.floor(Date.now() / 1000),
    data: { object: { id: 'verify', object: 'fastify_affitor.verify', ...(padding > 0 && { padding: 'x'.repeat(padding) }) } },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'fastify_affitor.verify'
  }
}

/** As Stripe lays out its bodies: who parses them and writes them anew gives other bytes. */
export const asStripeWrites = (event: object): string => JSON.stringify(event, null, 2)

/** As `JSON.stringify` writes it: who parses it and writes it anew gives the same bytes. */
export const compact = (event: object): string => JSON.stringify(event)

/** The `Stripe-Signature` of a body, as of now: https://docs.stripe.com/webhooks/signature */
export function sign (body: string, secret: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

/** The body with one byte of its id changed. */
export function altered (body: string): string {
  return body.replace(/evt_verify_(.)/, (_found, digit: string) => `evt_verify_${digit === '0' ? '1' : '0'}`)
}
