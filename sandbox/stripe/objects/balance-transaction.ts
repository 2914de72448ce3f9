import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** A complete balance transaction: a dispute's withdrawal, unless told otherwise. */
export function balanceTransaction (overrides: Partial<Stripe.BalanceTransaction> = {}): Stripe.BalanceTransaction {
  const created = overrides.created ?? unixSeconds()
  const amount = overrides.amount ?? -4900
  const fee = overrides.fee ?? 0
  return {
    id: newId('txn_1'),
    object: 'balance_transaction',
    amount,
    available_on: created,
    balance_type: 'payments',
    created,
    currency: 'usd',
    description: null,
    exchange_rate: null,
    fee,
    fee_details: fee === 0
      ? []
      : [{ amount: fee, application: null, currency: overrides.currency ?? 'usd', description: 'Dispute fee', type: 'stripe_fee' }],
    net: amount - fee,
    reporting_category: 'dispute',
    source: null,
    status: 'available',
    type: 'adjustment',
    ...overrides
  }
}
