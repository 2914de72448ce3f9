import type { Reason } from '../../ledger/reasons.js'
import type { SaleFact } from '../../ledger/facts.js'
import type { KnownCustomer } from '../../ledger/lookups.js'
import type { InterpretContext } from './interpretation.js'
import type { BillingInterval } from './objects.js'

/** Currencies that Affitor's API document lists. */
const AFFITOR_CURRENCIES = new Set(['USD', 'EUR', 'VND'])

export interface Payment {
  transactionId: string
  customer: KnownCustomer
  /** In the currency's smallest unit, above 0. */
  amountCents: number
  /** ISO 4217, in any case of letters. */
  currency: string
  isRecurring: boolean
  subscriptionId?: string | undefined
  subscriptionInterval?: BillingInterval | '' | undefined
  /** Set when this payment is counted elsewhere. */
  skipped?: Reason
}

/** The sale that a payment is, settled at once when it is not to be sent. */
export function saleFact (payment: Payment, { settings }: InterpretContext): SaleFact {
  const currency = payment.currency.toUpperCase()
  const settled = settlement(payment.skipped ?? (settings.saleSource === 'connect' ? 'recorded_by_connect' : undefined), currency)
  return {
    kind: 'sale',
    transactionId: payment.transactionId,
    customerKey: payment.customer.customerKey,
    payload: {
      v: 1,
      amountCents: payment.amountCents,
      currency,
      saleType: payment.subscriptionId === undefined ? 'payment' : 'subscription',
      isRecurring: payment.isRecurring,
      ...(payment.customer.clickId === undefined ? {} : { clickId: payment.customer.clickId }),
      ...(payment.subscriptionId === undefined ? {} : { subscriptionId: payment.subscriptionId }),
      ...(payment.subscriptionInterval ? { subscriptionInterval: payment.subscriptionInterval } : {})
    },
    ...(settled === undefined ? {} : { settled })
  }
}

function settlement (skipped: Reason | undefined, currency: string): SaleFact['settled'] {
  if (skipped !== undefined) return { state: 'skipped', reason: skipped }
  if (!AFFITOR_CURRENCIES.has(currency)) return { state: 'needs_attention', reason: 'unsupported_currency' }
  return undefined
}
