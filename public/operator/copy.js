// @ts-check
import { html, nothing } from 'lit-html'
import { stripeLink } from './dashboards.js'

const COPIED_MS = 1_500

/**
 * Puts a text on the clipboard, and says so on the button for a moment.
 * @param {HTMLElement} button
 * @param {string} text
 */
export async function copyFrom (button, text) {
  const done = await copy(text)
  button.dataset.copied = done ? 'yes' : 'no'
  const announcements = document.querySelector('#announcements')
  if (announcements !== null) announcements.textContent = done ? 'Copied.' : 'The browser does not let this page copy.'
  setTimeout(() => delete button.dataset.copied, COPIED_MS)
}

/** @param {string} text */
async function copy (text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // The clipboard is for HTTPS and localhost only.
    return copyBySelection(text)
  }
}

/** @param {string} text */
function copyBySelection (text) {
  const field = document.createElement('textarea')
  const focused = document.activeElement
  field.value = text
  field.className = 'visually-hidden'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return done
}

/**
 * @param {string} text
 * @param {boolean} isStop whether the Tab key stops at it
 */
export const copyButton = (text, isStop) => html`<button class="copy" type="button" title="Copy" aria-label=${`Copy ${text}`} tabindex=${isStop ? 0 : -1}
  @click=${(/** @type {{ currentTarget: HTMLElement }} */ { currentTarget }) => copyFrom(currentTarget, text)}></button>`

/**
 * An id with a button that copies it, and a link to its page at Stripe where it has one. In lists the Tab key passes the
 * button by: the customer's story, one link away, has the same ids with buttons at which it stops.
 * @param {string} value
 * @param {{ inList?: boolean }} [where]
 */
export function id (value, { inList = false } = {}) {
  const href = stripeLink(value)
  return html`<span class="id"><code title=${value}>${value}</code>${copyButton(value, !inList)}${href === null
    ? nothing
    : html`<a class="out" href=${href} target="_blank" rel="noreferrer" tabindex=${inList ? -1 : 0}
      aria-label=${`${value} at Stripe (new tab)`} title="Open at Stripe">Stripe</a>`}</span>`
}
