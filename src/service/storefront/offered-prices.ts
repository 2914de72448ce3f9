import type Stripe from 'stripe'
import { unlessMissing } from '../../stripe/lookups.js'

/** A price as a shop shows it. */
export interface Offer {
  priceId: string
  mode: 'payment' | 'subscription'
  name: string
  description: string | null
  features: string[]
  /** In the currency's smallest unit, as Stripe counts it. */
  unitAmount: number
  /** ISO 4217 code, lower case. */
  currency: string
  /** Of a subscription: it is paid every `count` of these. */
  every: { interval: Stripe.Price.Recurring.Interval, count: number } | null
}

/** How many of the newest prices are looked at to find one that can be offered. */
const LOOKED_AT = 20

/**
 * The first one-time price and the first recurring one that can be offered.
 * @param priceIds what may be bought, in order; empty: the newest prices of the account
 * @throws what Stripe's client throws
 */
export async function findOffers (stripe: Stripe, priceIds: string[]): Promise<Offer[]> {
  const [oneTime, recurring] = priceIds.length > 0 ? await namedPrices(stripe, priceIds) : await newestPrices(stripe)
  return [oneTime, recurring].flatMap(prices => prices.flatMap(offerOf).slice(0, 1))
}

type ByType = [oneTime: Stripe.Price[], recurring: Stripe.Price[]]

async function namedPrices (stripe: Stripe, ids: string[]): Promise<ByType> {
  const found = await Promise.all(ids.map(id => unlessMissing(() => stripe.prices.retrieve(id, { expand: ['product'] }))))
  const prices = found.filter(price => price !== undefined)
  return [prices.filter(({ type }) => type === 'one_time'), prices.filter(({ type }) => type === 'recurring')]
}

async function newestPrices (stripe: Stripe): Promise<ByType> {
  const newest = async (type: Stripe.Price.Type) => {
    const { data } = await stripe.prices.list({ active: true, type, limit: LOOKED_AT, expand: ['data.product'] })
    return data
  }
  return await Promise.all([newest('one_time'), newest('recurring')])
}

/** Nothing of a price that Checkout would refuse, or whose amount is not known before: by tiers, by usage, of the buyer's choice. */
function offerOf (price: Stripe.Price): Offer[] {
  const { product, recurring, unit_amount: unitAmount } = price
  if (typeof product === 'string' || product.deleted === true || !product.active || !price.active) return []
  if (unitAmount === null || recurring?.usage_type === 'metered') return []
  return [{
    priceId: price.id,
    mode: recurring === null ? 'payment' : 'subscription',
    name: product.name,
    description: product.description,
    features: product.marketing_features.flatMap(({ name }) => name ?? []),
    unitAmount,
    currency: price.currency,
    every: recurring === null ? null : { interval: recurring.interval, count: recurring.interval_count }
  }]
}
