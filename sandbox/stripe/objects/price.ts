import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'
import { decimal } from './decimal.js'

/** The `recurring` part of a price; a licensed one unless told otherwise. */
export function recurring (interval: Stripe.Price.Recurring.Interval, intervalCount = 1): Stripe.Price.Recurring {
  return { interval, interval_count: intervalCount, meter: null, trial_period_days: null, usage_type: 'licensed' }
}

/** A complete price; one-time unless `recurring` is given. Amounts in the currency's smallest unit. */
export function price (overrides: Partial<Stripe.Price> = {}): Stripe.Price {
  const unitAmount = overrides.unit_amount ?? 4900
  return {
    id: newId('price_1'),
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    created: unixSeconds(),
    currency: 'usd',
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: 'prod_sandbox',
    recurring: null,
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: overrides.recurring ? 'recurring' : 'one_time',
    unit_amount: unitAmount,
    unit_amount_decimal: decimal(unitAmount),
    ...overrides
  }
}
