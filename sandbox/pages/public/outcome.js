// @ts-check
import { html, nothing } from 'lit-html'
import { when } from 'lit-html/directives/when.js'
import { counted } from './words.js'

/** @import { EmittedEvent } from '../../stripe/delivery-state.js' */

/**
 * What came of an action.
 * @typedef {object} Outcome
 * @property {'good' | 'warn' | 'bad'} [tone]
 * @property {string} text
 * @property {EmittedEvent[]} [events] which were sent because of it
 */

/**
 * The live region. It is always there: a region that comes with its text is not read out.
 * @param {Outcome | null} outcome
 * @param {() => void} dismiss
 */
export function renderOutcome (outcome, dismiss) {
  return html`<div class="outcome" data-tone=${outcome?.tone ?? 'good'} ?data-empty=${outcome === null}>
    <div role="status" class="outcome-text" tabindex=${outcome === null ? -1 : 0} aria-label="What happened">
      ${when(outcome, ({ text, events }) => html`
        <p><strong>${text}</strong> ${events ? deliverySentence(events) : nothing}</p>
        ${when(events?.length, () => html`<ul class="sent">${events?.map(renderSent)}</ul>`)}`)}
    </div>
    ${when(outcome, () => html`<button class="compact" type="button" @click=${dismiss}>Dismiss</button>`)}
  </div>`
}

/** @param {EmittedEvent} event */
function renderSent (event) {
  return html`<li><code>${event.type}</code> ${answerTo(event)}</li>`
}

/**
 * How the service took the events of one action.
 * @param {EmittedEvent[]} events
 */
function deliverySentence (events) {
  if (events.length === 0) return 'No event was sent.'
  const delivered = events.filter(({ delivery }) => delivery === 'delivered').length
  const all = counted(events.length, 'event')
  if (delivered === events.length) return `${all} sent, and our service took ${delivered === 1 ? 'it' : 'each of them'}:`
  return `${all}, of which our service took ${delivered}:`
}

/**
 * How the service answered an event, or why it did not.
 * @param {EmittedEvent} event
 */
export function answerTo ({ delivery, status, error }) {
  const answer = status === null ? error ?? 'not sent yet' : `answered ${status}`
  switch (delivery) {
    case 'delivered': return answer
    case 'held': return 'held back'
    case 'no_endpoint': return 'no webhook address'
    case 'failed': return `${answer}, given up`
    case 'pending': return `${answer}, will be sent again`
  }
}
