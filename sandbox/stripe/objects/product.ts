import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** A complete product. */
export function product (overrides: Partial<Stripe.Product> = {}): Stripe.Product {
  const created = overrides.created ?? unixSeconds()
  return {
    id: newId('prod_', 14),
    object: 'product',
    active: true,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: 'Product',
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: created,
    url: null,
    ...overrides
  }
}
