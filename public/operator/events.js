// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { factAmount, factName } from './facts.js'
import { actionButton, customerLink, stateBadge, stateLabel, table } from './parts.js'
import { currentPlace, hrefWith, KINDS, STATES } from './place.js'
import { ago, secondsSince } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/** So long a row is marked as new. */
const NEW_SECONDS = 15

/** @type {Record<Schemas['TrackingKind'], string>} */
const kindLabels = { lead: 'Leads', sale: 'Sales', refund: 'Refunds' }

/**
 * What was told to Affitor, as it happens.
 * @param {import('./event-list.js').EventList} list
 * @param {() => Promise<void>} showMore
 */
export const eventsView = (list, showMore) => html`
  <section class="card" aria-labelledby="events-heading">
    <div class="head">
      <h2 id="events-heading">Events</h2>
      <div class="row">
        ${filter('Kind', 'kind', KINDS.map(kind => [kind, kindLabels[kind]]))}
        ${filter('State', 'state', STATES.map(state => [state, stateLabel(state)]))}
      </div>
    </div>
    ${rows(list.events)}
    ${list.hasMore ? html`<p class="more">${actionButton('Show more', showMore)}</p>` : nothing}
  </section>`

/** @param {Schemas['TrackingEvent'][] | null} events */
function rows (events) {
  if (events === null) return html`<p class="quiet">Loading…</p>`
  if (events.length === 0) {
    const { kind, state } = currentPlace()
    return html`<p class="quiet">${kind || state ? 'No event matches.' : 'Nothing has happened yet. A signup makes the first event.'}</p>`
  }
  return table({
    caption: 'Tracking events, newest first',
    head: ['Event', 'Customer', '>Amount', 'State', '>Attempts', 'Happened'],
    rows: repeat(events, ({ id }) => id, row)
  })
}

/** @param {Schemas['TrackingEvent']} event */
const row = event => html`
  <tr data-event=${event.id} class=${isNew(event) ? 'new' : ''}>
    <th scope="row">${factName(event)}${isNew(event) ? html` <span class="badge" data-tone="info">new</span>` : nothing}</th>
    <td>${customerLink(event.customerKey)}</td>
    <td class="amount number">${factAmount(event)}</td>
    <td class="outcome">${stateBadge(event.state)} <span class="quiet small">${event.explanation}</span></td>
    <td class="amount number">${event.attempts}</td>
    <td class="when">${ago(event.occurredAt)}</td>
  </tr>`

/** @param {Schemas['TrackingEvent']} event */
const isNew = ({ createdAt }) => secondsSince(createdAt) < NEW_SECONDS

/**
 * A choice that is kept in the address.
 * @param {string} label
 * @param {'kind' | 'state'} name
 * @param {string[][]} options value and label
 */
function filter (label, name, options) {
  const chosen = currentPlace()[name] ?? ''
  const choose = (/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => {
    location.hash = hrefWith({ [name]: currentTarget.value || undefined })
  }
  return html`
    <label class="filter">${label}
      <select @change=${choose}>
        ${[['', 'All'], ...options].map(([value, text]) => html`<option value=${value} .selected=${value === chosen}>${text}</option>`)}
      </select>
    </label>`
}
