// @ts-check
import { formatMoney } from '#money'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * What was sold; undefined of what is no sale, or cannot be read.
 * @param {Schemas['TrackingEvent']} event
 */
const saleOf = event => event.kind === 'sale' ? event.payload : undefined

/**
 * "Lead", "Sale", "Subscription", "Renewal", "Full refund", "Refund"
 * @param {Schemas['TrackingEvent']} event
 */
export function factName (event) {
  if (event.kind === 'lead') return 'Lead'
  if (event.kind === 'refund') return event.payload?.full === true ? 'Full refund' : 'Refund'
  if (event.payload?.isRecurring === true) return 'Renewal'
  return event.payload?.saleType === 'subscription' ? 'Subscription' : 'Sale'
}

const PRODUCT_NOTES = new Map([
  ['several_products', 'Several products were paid for, so Affitor is told none: its commission policies by product do not apply.'],
  ['no_product', 'Stripe names no product for this payment, so Affitor is told none: its commission policies by product do not apply.']
])

/**
 * Id of the product that was bought; null where it is not known.
 * @param {Schemas['TrackingEvent']} event
 */
export const productId = event => saleOf(event)?.productId ?? null

/**
 * Why Affitor is told no product; undefined where that is not known.
 * @param {Schemas['TrackingEvent']} event
 */
export const productNote = event => PRODUCT_NOTES.get(saleOf(event)?.productNote ?? '')

/**
 * What was paid, or with a minus given back; empty for a lead, and for what cannot be read.
 * @param {Schemas['TrackingEvent']} event
 */
export function factAmount (event) {
  if (event.kind === 'lead' || event.payload === undefined) return ''
  const { amountCents, currency } = event.payload
  return formatMoney(event.kind === 'refund' ? -amountCents : amountCents, currency)
}
