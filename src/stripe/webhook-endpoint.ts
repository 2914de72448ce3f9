import type Stripe from 'stripe'
import { STRIPE_API_VERSION } from './api-version.js'
import { NEEDED_EVENT_TYPES } from './interpret/index.js'

/** Where the plugin takes Stripe's events, unless it is told otherwise. */
export const WEBHOOK_PATH = '/webhooks/stripe'

/**
 * The address of a webhook. A bare origin gets the plugin's path.
 * @throws with what is wrong with it
 */
export function webhookUrlOf (text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Error(`"${text}" is no web address: give one such as https://api.example.com.`)
  // It would be shown in Stripe's Dashboard.
  if (url.username !== '' || url.password !== '') throw new Error('The address must be without a user and a password.')
  if (url.pathname === '/' && url.search === '') url.pathname = WEBHOOK_PATH
  url.hash = ''
  return url
}

/** Whether only this machine reaches it: Stripe refuses such addresses. */
export function isLocal ({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname)
}

/** All webhook endpoints of the account, in the key's mode. Their events are snapshots: thin ones are of other destinations. */
export async function listWebhookEndpoints (stripe: Stripe): Promise<Stripe.WebhookEndpoint[]> {
  const endpoints: Stripe.WebhookEndpoint[] = []
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 }, { apiVersion: STRIPE_API_VERSION })) endpoints.push(endpoint)
  return endpoints
}

export interface FoundEndpoints {
  /** They lead to the address, oldest first. */
  matching: Stripe.WebhookEndpoint[]
  /** They lead elsewhere on the same host. */
  sameHost: Stripe.WebhookEndpoint[]
}

/** The endpoints that lead to an address, or nearly. */
export function endpointsOf (url: URL, endpoints: Stripe.WebhookEndpoint[]): FoundEndpoints {
  const parsed = endpoints.filter(endpoint => URL.canParse(endpoint.url)).map(endpoint => ({ endpoint, its: new URL(endpoint.url) }))
  return {
    matching: parsed.filter(({ its }) => its.href === url.href).map(({ endpoint }) => endpoint).sort((a, b) => a.created - b.created),
    sameHost: parsed.filter(({ its }) => its.href !== url.href && its.hostname === url.hostname).map(({ endpoint }) => endpoint)
  }
}

/** What an endpoint sends, held against what is needed. */
export interface EndpointEvents {
  /** Needed, and not sent. */
  missing: string[]
  /** Sent, and not needed; they are answered and ignored. */
  surplus: string[]
  /** It sends every type there is. */
  all: boolean
}

export function eventsOf ({ enabled_events: enabled }: Pick<Stripe.WebhookEndpoint, 'enabled_events'>): EndpointEvents {
  const all = enabled.includes('*')
  return {
    missing: all ? [] : [...NEEDED_EVENT_TYPES].filter(type => !enabled.includes(type)),
    surplus: all ? [] : enabled.filter(type => !NEEDED_EVENT_TYPES.has(type)),
    all
  }
}
