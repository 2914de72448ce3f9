import type Stripe from 'stripe'
import { newId } from '../ids.js'

/** What changes a bill between its subtotal and its total. */
export interface Terms {
  /** 100 makes it free. */
  discountPercent?: number | undefined
  /** Tax on top of the discounted price. */
  taxPercent?: number | undefined
}

/** The sums of a bill in the currency's smallest unit. */
export interface Amounts {
  subtotal: number
  discount: number
  tax: number
  total: number
}

/** Applies a discount and then a tax, each rounded to the smallest unit. */
export function amountsOf (subtotal: number, terms: Terms): Amounts {
  const discount = Math.round(subtotal * (terms.discountPercent ?? 0) / 100)
  const tax = Math.round((subtotal - discount) * (terms.taxPercent ?? 0) / 100)
  return { subtotal, discount, tax, total: subtotal - discount + tax }
}

/** The sums of several bills. */
export function sum (bills: Amounts[]): Amounts {
  const total: Amounts = { subtotal: 0, discount: 0, tax: 0, total: 0 }
  for (const bill of bills) {
    total.subtotal += bill.subtotal
    total.discount += bill.discount
    total.tax += bill.tax
    total.total += bill.total
  }
  return total
}

/** A tax entry of an invoice or of one of its lines; none if there is no tax. */
export function taxes (amounts: Amounts): Stripe.Invoice.TotalTax[] {
  if (amounts.tax === 0) return []
  return [{
    amount: amounts.tax,
    tax_behavior: 'exclusive',
    tax_rate_details: { tax_rate: newId('txr_1') },
    taxability_reason: 'standard_rated',
    taxable_amount: amounts.subtotal - amounts.discount,
    type: 'tax_rate_details'
  }]
}
