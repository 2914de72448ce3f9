// @ts-check
import { html } from 'lit-html'
import { whileBusy } from '../busy.js'
import { copyButton } from './copy.js'
import { customerHref } from './place.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {'good' | 'warn' | 'bad' | 'info' | 'plain'} Tone */

/** @type {Record<Schemas['TrackingState'] | Schemas['StripeEventState'], [label: string, tone: Tone]>} */
const states = {
  pending: ['Pending', 'info'],
  delivered: ['Delivered', 'good'],
  unattributed: ['Not attributed', 'plain'],
  rejected: ['Rejected', 'bad'],
  needs_attention: ['Needs attention', 'warn'],
  resolved: ['Resolved', 'plain'],
  skipped: ['Skipped', 'plain'],
  received: ['Received', 'info'],
  interpreted: ['Read', 'good'],
  ignored: ['No fact', 'plain'],
  parked: ['Waiting', 'info'],
  failed: ['Failed', 'bad']
}

/** @param {keyof typeof states} state */
export const stateLabel = state => states[state][0]

/** @param {keyof typeof states} state */
export const stateTone = state => states[state][1]

/** @param {keyof typeof states} state */
export const stateBadge = state => html`<span class="badge" data-tone=${stateTone(state)}>${stateLabel(state)}</span>`

/**
 * Whose it is, in a list: the e-mail if it is known, else the key; it leads to the story.
 * @param {{ customerKey: string | null, customerEmail: string | null }} event
 */
export const who = ({ customerKey, customerEmail }) => customerKey === null
  ? html`<span class="quiet">customer not known</span>`
  : html`<span class="id"><a class="who" href=${customerHref(customerKey)} title=${customerKey}>${customerEmail ?? customerKey}</a>${copyButton(customerKey, false)}</span>`

/**
 * @param {string} label
 * @param {() => Promise<void>} action
 */
export const actionButton = (label, action) => html`
  <button class="compact" type="button" @click=${(/** @type {{ currentTarget: HTMLElement }} */ { currentTarget }) => whileBusy(currentTarget, action)}>${label}</button>`

/**
 * "1 sale", "2 sales"
 * @param {number} count
 * @param {string} noun
 */
export const counted = (count, noun) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

/**
 * What stands where something is being loaded.
 * @param {number} [lines]
 */
export const skeleton = (lines = 3) => html`
  <div class="skeleton" aria-busy="true"><span class="visually-hidden">Loading…</span>${Array.from({ length: lines }, () => html`<i aria-hidden="true"></i>`)}</div>`

/**
 * A table; where the screen is too narrow for it, each row is a card, and its cells have their `data-label` beside them.
 * @param {{ caption: string, head: string[], rows: unknown }} table headings that begin with `>` stand above amounts
 */
export const table = ({ caption, head, rows }) => html`
  <table class="cards">
    <caption class="visually-hidden">${caption}</caption>
    <thead>
      <tr>${head.map(text => text.startsWith('>') ? html`<th scope="col" class="amount">${text.slice(1)}</th>` : html`<th scope="col">${text}</th>`)}</tr>
    </thead>
    <tbody>${rows}</tbody>
  </table>`
