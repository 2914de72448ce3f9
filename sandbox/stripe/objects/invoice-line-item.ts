import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** What a subscription's line comes from. */
export function subscriptionLineParent (
  subscription: string, subscriptionItem: string, proration = false
): Stripe.InvoiceLineItem.Parent {
  return {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: proration ? newId('ii_1') : null,
      proration,
      proration_details: { credited_items: null },
      subscription,
      subscription_item: subscriptionItem
    },
    type: 'subscription_item_details'
  }
}

/** What a line comes from that bills an invoice item. */
export function itemLineParent (invoiceItem: string, subscription: string | null = null): Stripe.InvoiceLineItem.Parent {
  return {
    invoice_item_details: {
      invoice_item: invoiceItem, proration: false, proration_details: { credited_items: null }, subscription
    },
    subscription_item_details: null,
    type: 'invoice_item_details'
  }
}

/** The price that a line was computed from. */
export function linePricing (price: Stripe.Price): Stripe.InvoiceLineItem.Pricing {
  const product = typeof price.product === 'string' ? price.product : price.product.id
  return {
    price_details: { price: price.id, product },
    type: 'price_details',
    unit_amount_decimal: price.unit_amount_decimal
  }
}

/** A complete line of an invoice. */
export function invoiceLineItem (overrides: Partial<Stripe.InvoiceLineItem> = {}): Stripe.InvoiceLineItem {
  const amount = overrides.amount ?? 1900
  const now = unixSeconds()
  return {
    id: newId('il_1'),
    object: 'line_item',
    amount,
    currency: 'usd',
    description: null,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: null,
    period: { end: now, start: now },
    pretax_credit_amounts: [],
    pricing: null,
    quantity: 1,
    quantity_decimal: null,
    subscription: null,
    subtotal: amount,
    taxes: [],
    ...overrides
  }
}
