// @ts-check
import { html, nothing } from 'lit-html'
import { dayOf, startOf } from './days.js'
import { stateLabel } from './parts.js'
import { currentPlace, hrefWith, isFiltered, KINDS, noFilter, SOURCES, STATES } from './place.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {import('./place.js').Place} Place */

/** @type {Record<Schemas['TrackingKind'], string>} */
const kindLabels = { lead: 'Leads', sale: 'Sales', refund: 'Refunds' }
/** @type {Record<Schemas['FactSource'], string>} */
const sourceLabels = { signup: 'Signup', api: 'Backend', sql: 'Database function', stripe: 'Stripe' }

/** As long an explanation may be in the choice of reasons. */
const REASON_LENGTH = 60

/**
 * What of the events is listed. All of it stands in the address: who is given it sees the same.
 * @param {Map<string, string>} reasons explanations by code, of those that were seen
 */
export function filtersView (reasons) {
  const place = currentPlace()
  const { since, until, text, reason } = place
  const known = reason === undefined || reasons.has(reason) ? reasons : new Map([...reasons, [reason, reason]])
  return html`
    <form class="filters" aria-label="Filters" @submit=${(/** @type {SubmitEvent} */ event) => event.preventDefault()}>
      ${choice('Kind', 'kind', KINDS.map(kind => [kind, kindLabels[kind]]))}
      ${choice('State', 'state', STATES.map(state => [state, stateLabel(state)]))}
      ${choice('Reason', 'reason', [...known].map(([code, explanation]) => [code, shorten(explanation)]))}
      ${choice('Source', 'source', SOURCES.map(source => [source, sourceLabels[source]]))}
      <label class="filter">From
        <input type="date" .value=${dayOf(since)} @change=${onChange(day => ({ since: startOf(day) }))}>
      </label>
      <label class="filter">To
        <input type="date" .value=${dayOf(until, -1)} @change=${onChange(day => ({ until: startOf(day, 1) }))}>
      </label>
      <label class="filter">Text
        <input type="search" maxlength="255" placeholder="E-mail, key, id" autocomplete="off" spellcheck="false" .value=${text ?? ''}
          @change=${onChange(value => ({ text: value.trim() || undefined }))}>
      </label>
      ${isFiltered(place) ? html`<a class="button compact" href=${hrefWith(noFilter)}>Clear filters</a>` : nothing}
    </form>`
}

/**
 * A choice that is kept in the address.
 * @param {string} label
 * @param {'kind' | 'state' | 'reason' | 'source'} name
 * @param {string[][]} options value and label
 */
function choice (label, name, options) {
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

/** @param {(value: string) => Partial<Place>} change */
const onChange = change => (/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => { location.hash = hrefWith(change(currentTarget.value)) }

/** @param {string} text */
const shorten = text => text.length > REASON_LENGTH ? `${text.slice(0, REASON_LENGTH)}…` : text
