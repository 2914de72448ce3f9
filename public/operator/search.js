// @ts-check
import { html, nothing } from 'lit-html'
import { formatMoney } from '#money'
import * as api from './api.js'
import { counted, skeleton } from './parts.js'
import { currentPlace, customerHref, overviewHref } from './place.js'
import { at } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/** Why a customer was found. @type {Record<Schemas['FoundCustomer']['matched'], string>} */
const matches = {
  email: 'has this e-mail',
  email_prefix: 'has an e-mail that begins like this',
  customer_key: 'has this key',
  customer_key_prefix: 'has a key that begins like this',
  click_id: 'came by this click',
  stripe_object: 'owns this object at Stripe',
  stripe_event: 'is the one of this Stripe event',
  transaction: 'paid this, or was given it back'
}

/**
 * The screen of what was searched for: whose it is.
 * @param {import('./page.js').Page} page
 * @returns {import('./page.js').Screen}
 */
export function searchScreen (page) {
  /** @type {string | undefined} */
  let q
  /** @type {Schemas['CustomerSearch'] | undefined} */
  let found
  /** @type {string | null} why nothing could be searched for */
  let problem = null

  async function search () {
    const wanted = currentPlace().q
    q = wanted
    found = undefined
    problem = null
    page.draw()
    if (wanted === undefined) return
    try {
      const answer = await api.search(wanted)
      const place = currentPlace()
      if (place.screen !== 'search' || place.q !== wanted) return
      found = answer
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error
      problem = error.message
      return
    }
    const [only, ...others] = found.customers
    // In place of this screen, so that going back does not lead to the story again.
    if (only !== undefined && others.length === 0) location.replace(customerHref(only.customerKey))
    else page.say(countText(found))
  }

  const refresh = () => { void page.attempt(search) }
  return {
    title: 'Search',
    show: refresh,
    refresh,
    hide () {},
    view: () => html`
      <p><a href=${overviewHref()}>← Overview</a></p>
      <h1 tabindex="-1">Search: ${q}</h1>
      ${problem === null ? nothing : html`<p class="notice" data-tone="warn">${problem}</p>`}
      ${found === undefined ? problem === null ? skeleton() : nothing : foundView(found)}`
  }
}

/** @param {Schemas['CustomerSearch']} found */
const foundView = found => html`
  <section class="card stack" aria-labelledby="found-heading">
    <h2 id="found-heading">${countText(found)}</h2>
    ${found.customers.length === 0
      ? html`
        <p>It can be the e-mail of a signup or the key of a customer, or how one of them begins; a click id; the id of a transaction; or
        any id of Stripe’s: a customer, checkout, payment, charge, invoice, subscription, refund or event.</p>
        <p class="quiet">Whoever signed up elsewhere, and never came back as a lead or a payment, is not known here.</p>`
      : html`<ul class="items">${found.customers.map(customerView)}</ul>`}
  </section>`

/** @param {Schemas['CustomerSearch']} found */
function countText ({ customers, truncated }) {
  if (customers.length === 0) return 'No customer is found'
  return truncated ? `The closest ${customers.length} of more: search for more of it` : counted(customers.length, 'customer')
}

/** @param {Schemas['FoundCustomer']} customer */
const customerView = ({ customerKey, email, matched, firstSeenAt, sales, needsAttention }) => html`
  <li>
    <div class="what">
      <p><a href=${customerHref(customerKey)}><strong>${email ?? customerKey}</strong></a> ${matches[matched]}
        ${needsAttention === 0 ? nothing : html`<span class="badge" data-tone="warn">${needsAttention === 1 ? '1 needs' : `${needsAttention.toLocaleString('en')} need`} attention</span>`}</p>
      <p class="quiet small">First seen ${at(firstSeenAt)}</p>
      <p class="small number">${sales.length === 0 ? 'Bought nothing that is known' : sales.map(soldText).join('; ')}</p>
    </div>
  </li>`

/** @param {Schemas['FoundSales']} sales */
const soldText = ({ currency, count, amountCents, refundedCents }) =>
  `${counted(count, 'sale')}, ${formatMoney(amountCents, currency)}${refundedCents === 0 ? '' : `, ${formatMoney(refundedCents, currency)} given back`}`
