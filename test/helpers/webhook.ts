import { randomBytes } from 'node:crypto'
import Stripe from 'stripe'
import type { Answer, Service } from './service.js'

/** A snapshot event of a type that is needed, with a small object. */
export function stripeEvent (fields: Record<string, unknown> = {}) {
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1793534400,
    data: { object: { id: 'cs_test_1', object: 'checkout.session', payment_status: 'unpaid', mode: 'payment', metadata: {} } },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type: 'checkout.session.completed',
    ...fields
  }
}

/** The `Stripe-Signature` header that Stripe would send, `ageSeconds` ago. */
export function signature (payload: string, secret: string, ageSeconds = 0): string {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: Math.floor(Date.now() / 1000) - ageSeconds })
}

export interface DeliveryOptions {
  /** Instead of the right signature. */
  signature?: string
  contentType?: string
}

/** Sends what Stripe would: the payload, signed with the endpoint's secret unless told otherwise. */
export async function deliver (service: Service, payload: string | object, options: DeliveryOptions = {}): Promise<Answer<Record<string, unknown>>> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return await service.request('POST', '/webhooks/stripe', Buffer.from(text), {
    'stripe-signature': options.signature ?? signature(text, service.stripe.webhookSecret),
    ...(options.contentType === undefined ? {} : { 'content-type': options.contentType })
  })
}
