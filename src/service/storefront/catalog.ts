import type Stripe from 'stripe'
import { inTime } from '../../in-time.js'
import { PAGE_PATIENCE_MS } from './patience.js'
import { findOffers } from './offered-prices.js'
import type { Offer } from './offered-prices.js'

/** The offers as last heard; undefined while Stripe has told none yet. */
export type Catalog = () => Promise<Offer[] | undefined>

export interface CatalogOptions {
  /** What may be bought, in order; empty: the newest prices of the account. */
  priceIds: string[]
  /** How long an answer is taken for current, in milliseconds (a minute). */
  freshMs?: number | undefined
  /** Told when Stripe could not be asked. */
  onError (error: unknown): void
}

const FRESH_MS = 60_000
/** How long Stripe is left alone after a failure, in milliseconds: meanwhile no visitor waits. */
const AFTER_FAILURE_MS = 5_000

/**
 * What is on sale, kept in memory. Visitors share one question to Stripe, and in the first two seconds wait for its
 * answer; an older answer is better than none.
 */
export function createCatalog (stripe: Stripe, { priceIds, freshMs = FRESH_MS, onError }: CatalogOptions): Catalog {
  let offers: Offer[] | undefined
  let isAsking = false
  let askAgainAt = 0
  let wait: Promise<void> | undefined

  async function ask (): Promise<void> {
    isAsking = true
    try {
      offers = await findOffers(stripe, priceIds)
      askAgainAt = performance.now() + freshMs
    } catch (error) {
      askAgainAt = performance.now() + AFTER_FAILURE_MS
      onError(error)
    } finally {
      isAsking = false
    }
  }

  return async () => {
    if (!isAsking && performance.now() >= askAgainAt) wait = inTime(ask(), PAGE_PATIENCE_MS)
    await wait
    return offers
  }
}
