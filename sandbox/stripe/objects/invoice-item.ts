import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'
import { decimal } from './decimal.js'

/** A complete invoice item: one that waits for its invoice, unless told otherwise. */
export function invoiceItem (overrides: Partial<Stripe.InvoiceItem> = {}): Stripe.InvoiceItem {
  const date = overrides.date ?? unixSeconds()
  const quantity = overrides.quantity ?? 1
  return {
    id: newId('ii_1'),
    object: 'invoiceitem',
    amount: 4900,
    currency: 'usd',
    customer: newId('cus_', 14),
    customer_account: null,
    date,
    description: null,
    discountable: true,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: null,
    period: { end: date, start: date },
    pricing: null,
    proration: false,
    quantity,
    quantity_decimal: decimal(quantity),
    tax_rates: [],
    test_clock: null,
    ...overrides
  }
}
