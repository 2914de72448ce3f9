import type Stripe from 'stripe'
import { inTime } from './for-pages.js'
import { findOffers } from './offers.js'
import type { Offer } from './offers.js'

/** The offers as last heard; undefined while Stripe has told none yet. */
export type Catalog = () => Promise<Offer[] | undefined>

export interface CatalogOptions {
  /** What may be bought, in order; empty: the newest prices of the account. */
  priceIds: string[]
  /** Told when Stripe could not be asked. */
  onError (error: unknown): void
}

/** How long an answer is taken for current, and how long Stripe is left alone after a failure, in milliseconds. */
const FRESH_MS = 60_000
const AFTER_FAILURE_MS = 5_000

/**
 * What is on sale, kept in memory. Visitors share one question to Stripe and wait two seconds for its answer at most;
 * an older answer is better than none.
 */
export function createCatalog (stripe: Stripe, { priceIds, onError }: CatalogOptions): Catalog {
  let offers: Offer[] | undefined
  let asking: Promise<void> | undefined
  let askAgainAt = 0

  async function ask (): Promise<void> {
    try {
      offers = await findOffers(stripe, priceIds)
      askAgainAt = performance.now() + FRESH_MS
    } catch (error) {
      askAgainAt = performance.now() + AFTER_FAILURE_MS
      onError(error)
    } finally {
      asking = undefined
    }
  }

  return async () => {
    if (performance.now() >= askAgainAt) {
      asking ??= ask()
      await inTime(asking)
    }
    return offers
  }
}
