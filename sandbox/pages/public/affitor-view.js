// @ts-check

/** @import { TrackingCall } from '../../affitor/calls.js' */
/** @import { Partner } from '../../affitor/program.js' */
/** @import { Click, Commission, Customer, Lead, Refund, Sale } from '../../affitor/records.js' */

/**
 * What the control routes tell, records oldest first.
 * @typedef {object} AffitorView
 * @property {Partner[]} partners
 * @property {Click[]} clicks
 * @property {Customer[]} customers
 * @property {Lead[]} leads
 * @property {Sale[]} sales
 * @property {Commission[]} commissions
 * @property {Refund[]} refunds
 * @property {number} callCount
 * @property {TrackingCall[]} calls
 * @property {Record<string, unknown>} behaviour
 * @property {number | null} remaining
 */

/**
 * What a partner has brought, and earned with it in each currency.
 * @param {string} code
 * @param {Pick<AffitorView, 'clicks' | 'customers' | 'leads' | 'sales' | 'commissions'>} view
 */
export function earningsOf (code, { clicks, customers, leads, sales, commissions }) {
  const brought = new Set(customers.filter(({ partnerCode }) => partnerCode === code).map(({ id }) => id))
  /** @type {Map<string, number>} */
  const earned = new Map()
  for (const { partnerCode, currency, amountCents, deductedCents } of commissions) {
    if (partnerCode === code) earned.set(currency, (earned.get(currency) ?? 0) + amountCents - deductedCents)
  }
  return {
    earned: [...earned],
    clicks: clicks.filter(({ partnerCode }) => partnerCode === code).length,
    leads: leads.filter(({ customerId }) => brought.has(customerId)).length,
    sales: sales.filter(({ customerId }) => brought.has(customerId)).length
  }
}
