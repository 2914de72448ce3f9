// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { factAmount, factName } from './facts.js'
import { actionButton, table, who } from './parts.js'
import { eventsHref } from './place.js'
import { ago, until } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/** As many are shown; the list of events has the others. */
const MOST = 10

/**
 * What waits to be sent, longest first.
 * @param {Schemas['TrackingEvent'][]} events the newest of them, newest first
 * @param {number} count of all that wait
 * @param {(event: Schemas['TrackingEvent']) => Promise<void>} hold takes one out of line
 */
export const pendingView = (events, count, hold) => html`
  <section class="card" aria-labelledby="pending-heading">
    <h2 id="pending-heading">Pending</h2>
    ${events.length === 0
      ? html`<p class="quiet">Nothing waits to be sent.</p>`
      : table({
        caption: 'Events that wait to be sent, the oldest first',
        head: ['Event', 'Customer', '>Attempts', 'Last error', 'Next attempt', 'Waits since', '>Action'],
        rows: repeat(events.slice(-MOST).toReversed(), ({ id }) => id, event => html`
          <tr data-event=${event.id}>
            <th scope="row">${factName(event)} <span class="number small">${factAmount(event)}</span></th>
            <td data-label="Customer">${who(event)}</td>
            <td class="amount number" data-label="Attempts">${event.attempts}</td>
            <td class="outcome" data-label="Last error"><div>${event.lastError === null ? html`<span class="quiet">none</span>` : html`<code>${event.lastError}</code>`}</div></td>
            <td class="when" data-label="Next attempt">${nextAttempt(event, events)}</td>
            <td class="when" data-label="Waits since">${ago(event.createdAt)}</td>
            <td class="amount">${actionButton('Hold', () => hold(event))}</td>
          </tr>`)
      })}
    ${count > MOST
      ? html`<p class="more quiet small">${count.toLocaleString('en')} wait in all. <a href=${eventsHref({ state: 'pending' })}>List them below</a></p>`
      : nothing}
  </section>`

/**
 * A customer's events are sent one after the other.
 * @param {Schemas['TrackingEvent']} event
 * @param {Schemas['TrackingEvent'][]} events
 */
function nextAttempt ({ id, customerKey, nextAttemptAt }, events) {
  const before = events.find(other => other.customerKey === customerKey && other.id < id)
  if (before !== undefined) return `after the ${factName(before).toLowerCase()}`
  return nextAttemptAt === null ? 'now' : until(nextAttemptAt)
}
