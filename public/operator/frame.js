// @ts-check
import { html, nothing } from 'lit-html'
import { whileBusy } from '../busy.js'
import { currentPlace } from './place.js'
import { zoneName } from './time.js'

/** @typedef {{ text: string, undo: () => Promise<void> }} Offer what was done, and how it is taken back */

/**
 * What stands in the bar: the search, whether the page is live, and the way out.
 * @param {boolean} isLive
 * @param {{ search: (q: string) => void, signOut: () => void }} actions
 */
export const toolsView = (isLive, { search, signOut }) => html`
  <form class="search" role="search" @submit=${(/** @type {SubmitEvent} */ event) => submit(event, search)}>
    <label class="visually-hidden" for="search">E-mail, customer, Stripe id, click id…</label>
    <input id="search" name="q" type="search" placeholder="E-mail, customer, Stripe id, click id…" maxlength="255" autocomplete="off"
      autocapitalize="off" spellcheck="false" required aria-keyshortcuts="/" title="Press / to search" .value=${currentPlace().q ?? ''}>
    <button type="submit">Find</button>
  </form>
  <span class="badge" data-tone=${isLive ? 'good' : 'bad'}>${isLive ? 'Live' : 'No connection'}</span>
  <button type="button" @click=${signOut}>Sign out</button>`

/**
 * What went wrong, above every screen.
 * @param {string | null} outage why the service does not answer
 * @param {string | null} refusal what it would not do
 * @param {{ tryAgain: () => void, dismiss: () => void }} actions
 */
export const noticesView = (outage, refusal, { tryAgain, dismiss }) => html`
  ${outage === null
    ? nothing
    : html`<p class="notice row" data-tone="bad"><span><strong>The service cannot be reached.</strong> ${outage} What you see is from before; it is asked again every few seconds.</span> <button class="compact" type="button" @click=${tryAgain}>Try again</button></p>`}
  ${refusal === null
    ? nothing
    : html`<p class="notice row" data-tone="warn"><span>${refusal}</span> <button class="compact" type="button" @click=${dismiss}>Dismiss</button></p>`}`

/**
 * What was done a moment ago, below every screen.
 * @param {Offer | null} offer
 * @param {() => void} end
 */
export const offerView = (offer, end) => offer === null
  ? nothing
  : html`
    <div class="offer row" role="status">
      <span>${offer.text}</span>
      <button class="compact" type="button" @click=${(/** @type {{ currentTarget: HTMLElement }} */ { currentTarget }) => whileBusy(currentTarget, async () => { await offer.undo(); end() })}>Undo</button>
      <button class="compact" type="button" @click=${end}>Close</button>
    </div>`

/** Which clock the page goes by. */
export const zoneView = () => html`<p class="quiet small">Times are those of ${zoneName()}.</p>`

/**
 * @param {SubmitEvent} event
 * @param {(q: string) => void} search
 */
function submit (event, search) {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.currentTarget)
  const q = String(new FormData(form).get('q')).trim()
  if (q !== '') search(q)
}
