import type Stripe from 'stripe'
import { newId } from '../ids.js'
import { price } from './price.js'

/** A line item of a Checkout Session; amounts follow from price and quantity unless given. */
export function lineItem (overrides: Partial<Stripe.LineItem> = {}): Stripe.LineItem {
  const itemPrice = overrides.price ?? price()
  const quantity = overrides.quantity ?? 1
  const subtotal = overrides.amount_subtotal ?? (itemPrice.unit_amount ?? 0) * quantity
  return {
    id: newId('li_1'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: subtotal,
    amount_tax: 0,
    amount_total: subtotal,
    currency: itemPrice.currency,
    description: null,
    metadata: null,
    price: itemPrice,
    quantity,
    ...overrides
  }
}
