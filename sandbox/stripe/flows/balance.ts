import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest } from '../errors.js'
import type { EventBatch } from '../events.js'
import { customerBalanceTransaction } from '../objects/index.js'

/** What changes a customer's balance; a negative amount is a credit, in the currency's smallest unit. */
export type BalanceChange = Pick<Stripe.CustomerBalanceTransaction, 'amount' | 'currency' | 'type'> &
  Partial<Pick<Stripe.CustomerBalanceTransaction, 'credit_note' | 'description' | 'invoice' | 'metadata'>>

/** Enters a change in the ledger of a customer's balance. */
export function moveBalance (
  context: SandboxContext, customer: Stripe.Customer, change: BalanceChange
): Stripe.CustomerBalanceTransaction {
  customer.currency ??= change.currency
  customer.balance += change.amount
  const made = customerBalanceTransaction({
    created: timestamp(context), customer: customer.id, ending_balance: customer.balance, ...change
  })
  context.state.balanceTransactions.set(made.id, made)
  return made
}

/**
 * Credits or debits a customer by hand, or by a credit note.
 * @throws StripeSandboxError in another currency than the customer's.
 */
export function adjustBalance (
  context: SandboxContext, batch: EventBatch, customer: Stripe.Customer, change: BalanceChange
): Stripe.CustomerBalanceTransaction {
  if (customer.currency != null && customer.currency !== change.currency) {
    throw invalidRequest(
      'You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item ' +
      `with currency ${customer.currency}`, 'currency'
    )
  }
  const { balance: before } = customer
  const made = moveBalance(context, customer, change)
  batch.add('customer.updated', customer, { balance: before })
  return made
}

/** The balance that a customer brings to an invoice of a currency. */
export function balanceFor (customer: Stripe.Customer, currency: string): number {
  // A balance is of one currency and applies to invoices of that currency only (docs.stripe.com/billing/customer/balance).
  return customer.currency === currency ? customer.balance : 0
}
