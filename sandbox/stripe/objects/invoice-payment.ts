import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** A complete InvoicePayment: the link between an invoice and the PaymentIntent that pays it. */
export function invoicePayment (overrides: Partial<Stripe.InvoicePayment> = {}): Stripe.InvoicePayment {
  return {
    id: newId('inpay_1'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: 1900,
    created: unixSeconds(),
    currency: 'usd',
    invoice: newId('in_1'),
    is_default: true,
    livemode: false,
    payment: { payment_intent: newId('pi_3'), type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
    ...overrides
  }
}
