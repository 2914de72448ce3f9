import type { SaleFact, SaleReference } from '../../ledger/facts.js'
import type { KnownCustomer } from '../../ledger/lookups.js'
import type { Reason } from '../../ledger/reasons.js'
import type { InterpretContext } from './interpretation.js'
import type { BillingInterval } from './objects.js'
import type { Bought } from './product.js'

export interface CountedAmount {
  /** What the commission is on, in the currency's smallest unit. */
  amountCents: number
  /** What the customer paid. */
  paidCents: number
}

export interface Payment extends CountedAmount {
  transactionId: string
  customer: KnownCustomer
  occurredAt: Date
  /** ISO 4217, in any case of letters. */
  currency: string
  isRecurring: boolean
  subscriptionId: string | undefined
  subscriptionInterval: BillingInterval | undefined
  bought: Bought
  /** Set when this payment is counted elsewhere. */
  skipped?: Reason
}

/**
 * What of a payment counts: all of it, or by `SALE_AMOUNT=net_of_tax` what is left without tax.
 * @param taxCents the tax within `totalCents`; of a payment in part, the same part is tax
 */
export function countedAmount (
  paidCents: number, taxCents: number, { settings }: InterpretContext, totalCents = paidCents
): CountedAmount {
  if (settings.saleAmount === 'gross' || taxCents <= 0) return { amountCents: paidCents, paidCents }
  const tax = totalCents > 0 ? Math.round(taxCents * paidCents / totalCents) : taxCents
  return { amountCents: Math.max(0, paidCents - tax), paidCents }
}

/** The sale that a payment is, settled at once when it is not to be sent. */
export function saleFact (payment: Payment, { settings }: InterpretContext): SaleFact {
  const currency = payment.currency.toUpperCase()
  const skipped = payment.skipped ?? (settings.saleSource === 'connect' ? 'recorded_by_connect' : undefined)
  return {
    kind: 'sale',
    transactionId: payment.transactionId,
    customerKey: payment.customer.customerKey,
    occurredAt: payment.occurredAt,
    payload: {
      v: 1,
      amountCents: payment.amountCents,
      currency,
      saleType: payment.subscriptionId === undefined ? 'payment' : 'subscription',
      isRecurring: payment.isRecurring,
      ...(payment.paidCents === payment.amountCents ? {} : { paidCents: payment.paidCents }),
      ...(payment.customer.clickId === undefined ? {} : { clickId: payment.customer.clickId }),
      ...(payment.subscriptionId === undefined ? {} : { subscriptionId: payment.subscriptionId }),
      ...(payment.subscriptionInterval === undefined ? {} : { subscriptionInterval: payment.subscriptionInterval }),
      ...payment.bought
    },
    ...(skipped === undefined ? unsupported(currency, settings.currencies) : { settled: { state: 'skipped', reason: skipped } })
  }
}

function unsupported (currency: string, currencies: ReadonlySet<string>): Pick<SaleFact, 'settled'> {
  return currencies.has(currency) ? {} : { settled: { state: 'needs_attention', reason: 'unsupported_currency' } }
}

/** What is learned of a sale: the Stripe objects by which a later event finds it. */
export function referencesToSale (saleTransactionId: string, references: string[]): SaleReference[] {
  return [...new Set(references)].map(reference => ({ reference, saleTransactionId }))
}
