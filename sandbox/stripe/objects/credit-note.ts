import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'
import { apiList } from './invoice.js'

/** A complete credit note of one line: of a paid invoice, and moving nothing, unless told otherwise. */
export function creditNote (overrides: Partial<Stripe.CreditNote> = {}): Stripe.CreditNote {
  const id = overrides.id ?? newId('cn_1')
  const created = overrides.created ?? unixSeconds()
  const amount = overrides.amount ?? 1000
  return {
    id,
    object: 'credit_note',
    amount,
    amount_shipping: 0,
    created,
    currency: 'usd',
    customer: newId('cus_', 14),
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: created,
    invoice: newId('in_1'),
    lines: apiList(`/v1/credit_notes/${id}/lines`, [creditNoteLine(amount)]),
    livemode: false,
    memo: null,
    metadata: {},
    number: 'SANDBOX-0001-CN-01',
    out_of_band_amount: null,
    pdf: `https://pay.stripe.com/credit_notes/${id}/pdf`,
    post_payment_amount: amount,
    pre_payment_amount: 0,
    pretax_credit_amounts: [],
    reason: null,
    refunds: [],
    shipping_cost: null,
    status: 'issued',
    subtotal: amount,
    subtotal_excluding_tax: amount,
    total: amount,
    total_excluding_tax: amount,
    total_taxes: [],
    type: 'post_payment',
    voided_at: null,
    ...overrides
  }
}

/** The line of a credit note that was given as one amount. */
function creditNoteLine (amount: number): Stripe.CreditNoteLineItem {
  return {
    id: newId('cnli_1'),
    object: 'credit_note_line_item',
    amount,
    description: 'Credit',
    discount_amount: 0,
    discount_amounts: [],
    livemode: false,
    metadata: {},
    pretax_credit_amounts: [],
    quantity: 1,
    tax_rates: [],
    taxes: [],
    type: 'custom_line_item',
    unit_amount: amount,
    unit_amount_decimal: null
  }
}
