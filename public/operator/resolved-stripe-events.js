// @ts-check
import { html, nothing } from 'lit-html'
import { id } from './copy.js'
import { actionButton, skeleton, who } from './parts.js'
import { at } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * Stripe events that could not be read and a person has dealt with, for when that was wrong. They stand in no list of facts.
 * @param {number} count
 * @param {Schemas['StripeEvent'][] | null} events the newest; null: not read yet
 * @param {{ open: () => void, reopen: (event: Schemas['StripeEvent']) => Promise<void> }} actions
 */
export const resolvedStripeEventsView = (count, events, { open, reopen }) => count === 0
  ? nothing
  : html`
    <details class="card" @toggle=${(/** @type {{ currentTarget: HTMLDetailsElement }} */ { currentTarget }) => { if (currentTarget.open) open() }}>
      <summary>Stripe events that were resolved (${count.toLocaleString('en')})</summary>
      ${events === null
        ? skeleton()
        : html`
          <ul class="items">
            ${events.map(event => html`
              <li>
                <div class="what">
                  <p><strong>${event.type}</strong> of ${who(event)}</p>
                  ${resolutionView(event.resolution)}
                  <p class="small">${id(event.id, { inList: event.customerKey !== null })}</p>
                </div>
                ${actionButton('Reopen', () => reopen(event))}
              </li>`)}
          </ul>`}
    </details>`

/** @param {Schemas['TrackingEvent']['resolution']} resolution */
export const resolutionView = resolution => resolution === null
  ? nothing
  : html`<p class="resolution small">Resolved${resolution.by === null ? '' : ` by ${resolution.by}`}, ${at(resolution.at)}: <q>${resolution.note}</q></p>`
