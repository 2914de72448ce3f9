import type Stripe from 'stripe'
import { STRIPE_API_VERSION } from './api-version.js'
import { NEEDED_EVENT_TYPES } from './interpret/index.js'

/** Stripe keeps events for this long: https://docs.stripe.com/api/events */
export const EVENT_RETENTION_DAYS = 30
const PAGE_SIZE = 100

export interface ReconcileOptions {
  since: Date
  /** Only events that no webhook endpoint has taken. */
  onlyUndelivered: boolean
  /** Stores an event; resolves to false when it was there. */
  store (event: Stripe.Event): Promise<boolean>
  /** Told after each page. */
  onProgress (progress: ReconcileProgress): void
}

export interface ReconcileProgress {
  /** Events that were looked at. */
  seen: number
  /** Events that the webhook had never received. */
  stored: number
  /** Time of the oldest event so far; Stripe lists the newest first. */
  reached: Date
}

/** Walks Stripe's Events API and stores what the webhook never received. Running it twice changes nothing. */
export async function reconcile (stripe: Stripe, options: ReconcileOptions): Promise<ReconcileProgress> {
  const progress: ReconcileProgress = { seen: 0, stored: 0, reached: new Date() }
  const events = stripe.events.list({
    types: [...NEEDED_EVENT_TYPES],
    created: { gte: Math.floor(options.since.getTime() / 1000) },
    limit: PAGE_SIZE,
    ...(options.onlyUndelivered ? { delivery_success: false } : {})
  }, { apiVersion: STRIPE_API_VERSION })
  for await (const event of events) {
    progress.seen++
    if (await options.store(event)) progress.stored++
    progress.reached = new Date(event.created * 1000)
    if (progress.seen % PAGE_SIZE === 0) options.onProgress({ ...progress })
  }
  return progress
}
