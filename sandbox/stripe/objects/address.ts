import type Stripe from 'stripe'

/** An address of which only the country is known, as Checkout collects it by default. */
export function address (overrides: Partial<Stripe.Address> = {}): Stripe.Address {
  return { city: null, country: 'US', line1: null, line2: null, postal_code: null, state: null, ...overrides }
}
