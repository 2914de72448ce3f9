import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'
import { address } from './address.js'
import { paymentMethodDetails } from './payment-method-details.js'

/** A complete charge: a captured card payment of which nothing was refunded, unless told otherwise. */
export function charge (overrides: Partial<Stripe.Charge> = {}): Stripe.Charge {
  const amount = overrides.amount ?? 4900
  return {
    id: newId('ch_3'),
    object: 'charge',
    amount,
    amount_captured: amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: newId('txn_3'),
    billing_details: { address: address(), email: null, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: 'SANDBOX',
    captured: true,
    created: unixSeconds(),
    currency: 'usd',
    customer: null,
    description: null,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: 8,
      seller_message: 'Payment complete.',
      type: 'authorized'
    },
    paid: true,
    payment_intent: null,
    payment_method: newId('pm_1'),
    payment_method_details: paymentMethodDetails('card', amount),
    radar_options: {},
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
    ...overrides
  }
}
