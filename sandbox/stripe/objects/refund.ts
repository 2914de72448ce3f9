import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** Where a card refund goes; the reference (ARN) is known only after the bank took it. */
export function cardDestination (reference: string | null = null): Stripe.Refund.DestinationDetails {
  return {
    card: reference === null
      ? { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' }
      : { reference, reference_status: 'available', reference_type: 'acquirer_reference_number', type: 'refund' },
    type: 'card'
  }
}

/** A complete refund: a succeeded one to a card, unless told otherwise. */
export function refund (overrides: Partial<Stripe.Refund> = {}): Stripe.Refund {
  return {
    id: newId('re_3'),
    object: 'refund',
    amount: 4900,
    balance_transaction: newId('txn_3'),
    charge: null,
    created: unixSeconds(),
    currency: 'usd',
    customer: null,
    customer_account: null,
    destination_details: cardDestination(),
    metadata: {},
    payment_intent: null,
    payment_method: null,
    reason: null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
    ...overrides
  }
}
