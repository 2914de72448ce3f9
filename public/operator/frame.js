// @ts-check
import { html, nothing } from 'lit-html'
import { hrefWith } from './place.js'

/**
 * What stands in the bar: the search, whether the page is live, and the way out.
 * @param {boolean} isLive
 * @param {() => void} signOut
 */
export const toolsView = (isLive, signOut) => html`
  <form class="search" role="search" @submit=${search}>
    <label class="visually-hidden" for="customer-key">Customer key</label>
    <input id="customer-key" name="customerKey" type="search" placeholder="Customer key" autocomplete="off" spellcheck="false" required>
    <button type="submit">Find</button>
  </form>
  <span class="badge" data-tone=${isLive ? 'good' : 'bad'}>${isLive ? 'Live' : 'No connection'}</span>
  <button type="button" @click=${signOut}>Sign out</button>`

/**
 * What went wrong, above every screen.
 * @param {string | null} outage why the service does not answer
 * @param {string | null} refusal what it would not do
 * @param {() => void} dismiss
 */
export const noticesView = (outage, refusal, dismiss) => html`
  ${outage === null
    ? nothing
    : html`<p class="notice" data-tone="bad"><strong>The service cannot be reached.</strong> ${outage} What you see is from before; it is asked again every few seconds.</p>`}
  ${refusal === null
    ? nothing
    : html`<p class="notice row" data-tone="warn"><span>${refusal}</span> <button class="compact" type="button" @click=${dismiss}>Dismiss</button></p>`}`

/** @param {SubmitEvent} event */
function search (event) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.currentTarget)
  const customerKey = String(new FormData(form).get('customerKey')).trim()
  if (customerKey !== '') location.hash = hrefWith({ customerKey })
  form.reset()
}
