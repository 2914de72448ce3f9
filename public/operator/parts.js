// @ts-check
import { html } from 'lit-html'
import { whileBusy } from '../busy.js'
import { hrefWith } from './place.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {'good' | 'warn' | 'bad' | 'info' | 'plain'} Tone */

/** @type {Record<Schemas['TrackingState'] | Schemas['StripeEventState'], [label: string, tone: Tone]>} */
const states = {
  pending: ['Pending', 'info'],
  delivered: ['Delivered', 'good'],
  unattributed: ['Not attributed', 'plain'],
  rejected: ['Rejected', 'bad'],
  needs_attention: ['Needs attention', 'warn'],
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

/** @param {string} customerKey */
export const customerLink = customerKey => html`<a class="key" href=${hrefWith({ customerKey })} title=${customerKey}>${customerKey}</a>`

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
 * A table that scrolls by itself where the screen is too narrow for it.
 * @param {{ caption: string, head: string[], rows: unknown }} table headings that begin with `>` stand above amounts
 */
export const table = ({ caption, head, rows }) => html`
  <div class="scroll" role="region" aria-label=${caption} tabindex="0">
    <table>
      <caption class="visually-hidden">${caption}</caption>
      <thead>
        <tr>${head.map(text => text.startsWith('>') ? html`<th scope="col" class="amount">${text.slice(1)}</th>` : html`<th scope="col">${text}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  </div>`
