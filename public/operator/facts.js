// @ts-check
import { formatMoney } from '#money'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * Currencies of the sales that were seen, by transaction id: a refund's payload leaves out the sale's currency.
 * @type {Map<string, string>}
 */
const currencies = new Map()

/**
 * A payload is of one of several shapes, or of none that is known.
 * @param {Schemas['TrackingEvent']} event
 * @returns {Record<string, unknown>}
 */
const fieldsOf = ({ payload }) => payload

/** @param {Schemas['TrackingEvent'][]} events */
export function rememberCurrencies (events) {
  for (const event of events) {
    const { currency } = fieldsOf(event)
    if (typeof currency === 'string') currencies.set(event.transactionId, currency)
  }
}

/**
 * "Lead", "Sale", "Subscription", "Renewal", "Full refund", "Refund"
 * @param {Schemas['TrackingEvent']} event
 */
export function factName (event) {
  const { full, isRecurring, saleType } = fieldsOf(event)
  if (event.kind === 'lead') return 'Lead'
  if (event.kind === 'refund') return full === true ? 'Full refund' : 'Refund'
  if (isRecurring === true) return 'Renewal'
  return saleType === 'subscription' ? 'Subscription' : 'Sale'
}

const PRODUCT_NOTES = new Map([
  ['several_products', 'Several products were paid for, so Affitor is told none: its commission policies by product do not apply.'],
  ['no_product', 'Stripe names no product for this payment, so Affitor is told none: its commission policies by product do not apply.']
])

/**
 * Id of the product that was bought; null where it is not known.
 * @param {Schemas['TrackingEvent']} event
 */
export function productId (event) {
  const { productId: id } = fieldsOf(event)
  return typeof id === 'string' ? id : null
}

/**
 * Why Affitor is told no product; undefined where that is not known.
 * @param {Schemas['TrackingEvent']} event
 */
export const productNote = event => PRODUCT_NOTES.get(String(fieldsOf(event).productNote))

/**
 * What was paid, or with a minus given back; empty for a lead, and for a refund of a sale that was not seen.
 * @param {Schemas['TrackingEvent']} event
 */
export function factAmount (event) {
  const { amountCents } = fieldsOf(event)
  const currency = currencies.get(event.saleTransactionId ?? event.transactionId)
  if (typeof amountCents !== 'number' || currency === undefined) return ''
  return formatMoney(event.kind === 'refund' ? -amountCents : amountCents, currency)
}
