// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { id } from './copy.js'
import { factAmount, factName } from './facts.js'
import { filtersView } from './filters.js'
import { actionButton, skeleton, stateBadge, table, who } from './parts.js'
import { currentPlace, isFiltered } from './place.js'
import { resolutionView } from './resolved-stripe-events.js'
import { ago, secondsSince } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/** So long a row is marked as new. */
const NEW_SECONDS = 15

/**
 * What was told to Affitor, as it happens.
 * @param {import('./event-list.js').EventList} list
 * @param {boolean} isTruncated whether the last file held fewer than there are
 * @param {{ showMore: () => Promise<void>, download: () => Promise<void> }} actions
 */
export const eventsView = (list, isTruncated, { showMore, download }) => html`
  <section class="card" aria-labelledby="events-heading">
    <div class="head">
      <h2 id="events-heading">Events</h2>
      <div class="row">
        <span class="quiet small">${isTruncated ? 'The file has the newest 50,000: narrow the filters for the others' : 'The newest 50,000 that match'}</span>
        ${actionButton('Save as CSV', download)}
      </div>
    </div>
    ${filtersView(list.reasons)}
    ${rows(list.events)}
    ${list.hasMore ? html`<p class="more">${actionButton('Show more', showMore)}</p>` : nothing}
  </section>`

/** @param {Schemas['TrackingEvent'][] | null} events */
function rows (events) {
  if (events === null) return skeleton(6)
  if (events.length === 0) return html`<p class="quiet">${isFiltered(currentPlace()) ? 'No event matches.' : 'Nothing has happened yet. A signup makes the first event.'}</p>`
  return table({
    caption: 'Tracking events, newest first',
    head: ['Event', 'Customer', '>Amount', 'State', '>Attempts', 'Happened'],
    rows: repeat(events, ({ id }) => id, row)
  })
}

/** @param {Schemas['TrackingEvent']} event */
const row = event => html`
  <tr data-event=${event.id} class=${isNew(event) ? 'new' : ''}>
    <th scope="row">${factName(event)}${isNew(event) ? html` <span class="badge" data-tone="info">new</span>` : nothing}${event.kind === 'lead' ? nothing : html`<br>${id(event.transactionId, { inList: true })}`}</th>
    <td data-label="Customer">${who(event)}</td>
    <td class="amount number" data-label="Amount" ?data-empty=${event.kind === 'lead'}>${factAmount(event)}</td>
    <td class="outcome" data-label="State"><div>${stateBadge(event.state)} <span class="quiet small">${event.explanation}</span>${resolutionView(event.resolution)}</div></td>
    <td class="amount number" data-label="Attempts">${event.attempts}</td>
    <td class="when" data-label="Happened">${ago(event.occurredAt)}</td>
  </tr>`

/** @param {Schemas['TrackingEvent']} event */
const isNew = ({ createdAt }) => secondsSince(createdAt) < NEW_SECONDS
