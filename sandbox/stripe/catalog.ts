import type Stripe from 'stripe'
import { price, product, recurring } from './objects/index.js'
import type { SandboxPrice } from './sandbox-price.js'
import type { StripeState } from './state.js'

/** The last ones are the newest, which a shop offers that names no others. */
const DEFAULT_PRICES: readonly SandboxPrice[] = [
  { id: 'price_sandbox_eur', unitAmount: 4900, currency: 'eur', productName: 'Lifetime licence' },
  { id: 'price_sandbox_yearly', unitAmount: 19000, currency: 'usd', productName: 'Pro plan', interval: 'year' },
  { id: 'price_sandbox_onetime', unitAmount: 4900, currency: 'usd', productName: 'Lifetime licence' },
  { id: 'price_sandbox_monthly', unitAmount: 1900, currency: 'usd', productName: 'Pro plan', interval: 'month' }
]

/** What is told of the default products, by name. */
const DEFAULT_PRODUCTS: Readonly<Record<string, Partial<Stripe.Product>>> = {
  'Lifetime licence': {
    description: 'Yours for good, after a single payment.',
    marketing_features: [{ name: 'All features of today' }, { name: 'Bug fixes for life' }, { name: 'One person, any number of machines' }]
  },
  'Pro plan': {
    description: 'Always up to date, and easy to leave.',
    marketing_features: [{ name: 'All features, also of tomorrow' }, { name: 'Answers within a day' }, { name: 'Cancel at any time' }]
  }
}

/** Puts the default prices and the further ones into the state, leaving those that are there as they are. */
export function seedCatalog (state: StripeState, further: readonly SandboxPrice[], created: number): void {
  for (const entry of [...DEFAULT_PRICES, ...further]) {
    if (state.prices.has(entry.id)) continue
    const item = productNamed(state, entry.productName, created)
    const added = price({
      id: entry.id,
      active: entry.active ?? true,
      created,
      currency: entry.currency.toLowerCase(),
      product: item.id,
      recurring: entry.interval ? recurring(entry.interval, entry.intervalCount) : null,
      unit_amount: entry.unitAmount
    })
    state.prices.set(added.id, added)
    item.default_price ??= added.id
  }
}

function productNamed (state: StripeState, name: string, created: number): Stripe.Product {
  for (const known of state.products.values()) {
    if (known.name === name) return known
  }
  const id = 'prod_sandbox_' + name.toLowerCase().replace(/[^a-z0-9]+/g, '_')
  const made = product({ ...DEFAULT_PRODUCTS[name], ...(!state.products.has(id) && { id }), created, name })
  state.products.set(made.id, made)
  return made
}

/** The name of a price's product. */
export function productName (state: StripeState, item: Stripe.Price): string {
  const id = typeof item.product === 'string' ? item.product : item.product.id
  return state.products.get(id)?.name ?? id
}

/** How often a price is paid: `every month`; null for a one-time price. */
export function intervalOf ({ recurring: period }: Stripe.Price): string | null {
  if (period === null) return null
  const { interval, interval_count: count } = period
  return count === 1 ? `every ${interval}` : `every ${count} ${interval}s`
}
