// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { factAmount, factName } from './facts.js'
import { actionButton, customerLink, table } from './parts.js'
import { ago } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * What a person must look at.
 * @typedef {object} Attention
 * @property {Schemas['TrackingEvent'][]} events
 * @property {Schemas['StripeEvent'][]} stripeEvents that could not be read
 */

/**
 * @param {Attention} attention
 * @param {{ retry: (id: number) => Promise<void>, readAgain: (id: string) => Promise<void> }} actions
 */
export const attentionView = ({ events, stripeEvents }, { retry, readAgain }) => html`
  <section class="card stack" aria-labelledby="attention-heading">
    <h2 id="attention-heading">Needs attention</h2>
    ${events.length + stripeEvents.length === 0 ? html`<p class="quiet">Nothing needs attention.</p>` : nothing}
    ${events.length === 0
      ? nothing
      : table({
        caption: 'Tracking events that need attention',
        head: ['Event', 'Customer', 'What happened', 'Since', ''],
        rows: repeat(events, ({ id }) => id, event => html`
          <tr data-event=${event.id}>
            <th scope="row">${factName(event)}<br><span class="number small">${factAmount(event)}</span></th>
            <td>${customerLink(event.customerKey)}</td>
            <td class="outcome">
              ${event.explanation}
              <span class="quiet small">${event.attempts} attempts${event.lastError === null ? '.' : html`; the last ended with <code>${event.lastError}</code>`}</span>
            </td>
            <td class="when">${ago(event.settledAt ?? event.createdAt)}</td>
            <td class="amount">${event.retryable ? actionButton('Retry', () => retry(event.id)) : nothing}</td>
          </tr>`)
      })}
    ${stripeEvents.length === 0
      ? nothing
      : table({
        caption: 'Stripe events that could not be read',
        head: ['Stripe event', 'Customer', 'What happened', 'Since', ''],
        rows: repeat(stripeEvents, ({ id }) => id, event => html`
          <tr data-event=${event.id}>
            <th scope="row">${event.type}<br><code class="quiet">${event.id}</code></th>
            <td>${event.customerKey === null ? html`<span class="quiet">not known</span>` : customerLink(event.customerKey)}</td>
            <td class="outcome">${event.explanation}</td>
            <td class="when">${ago(event.receivedAt)}</td>
            <td class="amount">${actionButton('Read again', () => readAgain(event.id))}</td>
          </tr>`)
      })}
  </section>`
