import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { newId } from '../ids.js'
import { invoiceLineItem, itemLineParent, linePricing } from '../objects/index.js'
import { sum, taxes } from './amounts.js'
import type { Bill } from './invoice-draft.js'

/** The bill of items that are paid once, with the sums that a Checkout Session or a quote shows for them. */
export function oneOffBill (context: SandboxContext, reason: Stripe.Invoice.BillingReason, items: Stripe.LineItem[]): Bill {
  const now = timestamp(context)
  const bills = items.map((item) => ({
    subtotal: item.amount_subtotal, discount: item.amount_discount, tax: item.amount_tax, total: item.amount_total
  }))
  const lines = items.map((item, index) => invoiceLineItem({
    amount: item.amount_subtotal,
    currency: item.currency,
    description: item.description,
    discount_amounts: item.amount_discount > 0 ? [{ amount: item.amount_discount, discount: newId('di_1') }] : [],
    parent: itemLineParent(newId('ii_1')),
    period: { end: now, start: now },
    pricing: item.price === null ? null : linePricing(item.price),
    quantity: item.quantity,
    subtotal: item.amount_subtotal,
    taxes: taxes(bills[index] ?? sum([]))
  }))
  return { reason, lines, amounts: sum(bills), periodStart: now, periodEnd: now }
}
