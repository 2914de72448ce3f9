import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** A complete entry of a customer's invoice balance: a credit given by hand, unless told otherwise. */
export function customerBalanceTransaction (
  overrides: Partial<Stripe.CustomerBalanceTransaction> = {}
): Stripe.CustomerBalanceTransaction {
  const amount = overrides.amount ?? -1000
  return {
    id: newId('cbtxn_1'),
    object: 'customer_balance_transaction',
    amount,
    checkout_session: null,
    created: unixSeconds(),
    credit_note: null,
    currency: 'usd',
    customer: newId('cus_', 14),
    customer_account: null,
    description: null,
    ending_balance: amount,
    invoice: null,
    livemode: false,
    metadata: {},
    type: 'adjustment',
    ...overrides
  }
}
