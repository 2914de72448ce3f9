import { filledString, isAbsent, oneOf, positiveInteger, stringOrNull } from './read.js'
import type { Body } from './read.js'
import type { Sale } from './records.js'

export type SaleInput = Pick<
  Sale, 'transactionId' | 'amountCents' | 'currency' | 'saleType' | 'isRecurring' | 'subscriptionId' | 'subscriptionInterval' | 'productId'
> & { customerKey: string | undefined, clickId: string | undefined }

const SALE_TYPES = ['payment', 'subscription'] as const
const INTERVALS = ['monthly', 'quarterly', 'annual'] as const

/**
 * Reads a sale, or returns the error's text. The first two texts are Affitor's. For a wrong value of an
 * optional field Affitor documents the allowed values and no text, so those are the stand-in's own.
 */
export function readSale (body: Body): SaleInput | string {
  const transactionId = filledString(body.transaction_id)
  if (transactionId === undefined) return 'transaction_id is required and must be a string'
  const amountCents = positiveInteger(body.amount_cents)
  if (amountCents === undefined) return 'amount_cents is required and must be a positive integer'

  const currency = isAbsent(body.currency) ? 'USD' : body.currency
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return 'currency must be an ISO 4217 code in upper case'
  const saleType = isAbsent(body.sale_type) ? 'payment' : oneOf(SALE_TYPES, body.sale_type)
  if (saleType === undefined) return 'sale_type must be payment or subscription'
  const isRecurring = body.is_recurring ?? false
  if (typeof isRecurring !== 'boolean') return 'is_recurring must be a boolean'
  const subscriptionInterval = isAbsent(body.subscription_interval) ? null : oneOf(INTERVALS, body.subscription_interval)
  if (subscriptionInterval === undefined) return 'subscription_interval must be monthly, quarterly or annual'

  return {
    transactionId,
    amountCents,
    currency,
    saleType,
    isRecurring,
    subscriptionId: stringOrNull(body.subscription_id),
    subscriptionInterval,
    productId: stringOrNull(body.product_id),
    customerKey: filledString(body.customer_key),
    clickId: filledString(body.click_id)
  }
}
