// @ts-check
import { formatMoney } from '#money'
import { html } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { ask } from './control-surface.js'
import { button } from './page.js'
import { shorten, timeAgo } from './words.js'

/** @import { Row } from '../../stripe/control/overview.js' */
/** @import { Page } from './page.js' */

/** @type {Record<string, [words: string, tone?: string]>} */
const STATES = {
  open: ['Open', 'info'],
  waiting: ['Waiting for the bank', 'warn'],
  complete: ['Complete', 'good'],
  expired: ['Expired'],
  active: ['Active', 'good'],
  trialing: ['On trial', 'info'],
  past_due: ['Past due', 'bad'],
  canceled: ['Cancelled'],
  paid: ['Paid', 'good'],
  failed: ['Failed', 'bad'],
  refunded: ['Refunded'],
  partly_refunded: ['Partly refunded', 'warn'],
  succeeded: ['Succeeded', 'good'],
  pending: ['Pending', 'warn'],
  needs_response: ['Open', 'bad'],
  warning_needs_response: ['Inquiry', 'warn'],
  won: ['Won', 'good'],
  lost: ['Lost', 'bad']
}

/** A state in words. @param {string} state */
export function badge (state) {
  const [words, tone = ''] = STATES[state] ?? [state]
  return html`<span class="badge" data-tone=${tone}>${words}</span>`
}

/**
 * What all rows look like.
 * @param {Row} row
 * @param {string} state
 * @param {unknown} actions
 * @param {{ unit?: string, note?: string, further?: unknown }} [parts]
 */
export function renderRow (row, state, actions, { unit = '', note = '', further } = {}) {
  const created = new Date(row.created * 1000)
  return html`<li class="card">
    <div class="row-head">
      <h3 id=${row.id}>${row.title}</h3>
      <p class="row-state"><span class="number"><strong>${formatMoney(row.amount, row.currency)}</strong> ${unit}</span> ${badge(state)}</p>
    </div>
    <p class="quiet small">${row.email ?? 'no e-mail yet'} · <time datetime=${created.toISOString()} title=${created.toLocaleString()}>${timeAgo(created)}</time> · <code title=${row.id}>${shorten(row.id)}</code></p>
    ${when(note, () => html`<p class="small">${note}</p>`)}
    ${further}
    <div class="row actions">${actions}</div>
  </li>`
}

/**
 * A button that asks the control surface for something that happens to a row.
 * @param {Page} page
 * @param {Row} row
 * @param {string} label
 * @param {string} path
 * @param {string} done what happened then, before the row's name
 * @param {object} [body]
 */
export function act (page, row, label, path, done, body = {}) {
  return button(page, label, async () => {
    const { events } = await ask('POST', path, body)
    return { text: `${done} (${row.title}, ${row.email ?? 'no e-mail'}).`, events }
  }, { key: `${label} ${path}`, about: row.id })
}
