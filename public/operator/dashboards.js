// @ts-check

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * Where Stripe's and Affitor's dashboards are; null in the sandbox, which has no such pages.
 * @type {{ stripe: string | null, affitor: string | null }}
 */
const dashboards = { stripe: null, affitor: null }

/** @param {Schemas['TrackingSummary']} summary */
export function rememberDashboards ({ stripeDashboard, affitorDashboard }) {
  dashboards.stripe = stripeDashboard
  dashboards.affitor = affitorDashboard
}

export const affitorLink = () => dashboards.affitor

/** Pages of objects, by the beginnings of their ids. @type {Record<string, string>} */
const pages = {
  pi: 'payments', ch: 'payments', py: 'payments', cus: 'customers', sub: 'subscriptions', in: 'invoices', evt: 'events', prod: 'products', price: 'prices'
}
/** Objects without a page of their own, which the dashboard's search finds. */
const searchable = ['cs', 're', 'pyr', 'dp', 'du', 'cn']

/**
 * The address of an object's page in Stripe's dashboard; null for what is not Stripe's, and where there is no dashboard.
 * @param {string} id
 */
export function stripeLink (id) {
  const [, prefix] = /^([a-z]+)_[A-Za-z0-9_]+$/.exec(id) ?? []
  if (dashboards.stripe === null || prefix === undefined) return null
  if (Object.hasOwn(pages, prefix)) return `${dashboards.stripe}/${pages[prefix]}/${id}`
  return searchable.includes(prefix) ? `${dashboards.stripe}/search?query=${id}` : null
}
