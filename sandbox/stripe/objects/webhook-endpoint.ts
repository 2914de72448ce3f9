import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** A complete webhook endpoint, enabled for every event unless told otherwise. Its secret is shown at its creation only, and is no part of it. */
export function webhookEndpoint (overrides: Partial<Stripe.WebhookEndpoint> = {}): Stripe.WebhookEndpoint {
  return {
    id: newId('we_1'),
    object: 'webhook_endpoint',
    api_version: null,
    application: null,
    created: unixSeconds(),
    description: null,
    enabled_events: ['*'],
    livemode: false,
    metadata: {},
    status: 'enabled',
    url: 'https://shop.example/webhooks/stripe',
    ...overrides
  }
}
