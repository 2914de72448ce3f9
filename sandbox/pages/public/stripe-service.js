// @ts-check
import { html } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { when } from 'lit-html/directives/when.js'
import { ask } from './control-surface.js'
import { renderModes } from './modes.js'
import { answerTo } from './outcome.js'
import { button } from './page.js'
import { counted, shorten, timeAgo } from './words.js'

/** @import { EventRow, Overview } from '../../stripe/control/overview.js' */
/** @import { Mode } from './modes.js' */
/** @import { Page } from './page.js' */

const SLOW_MS = 3000

/** @type {Mode[]} */
const MODES = [
  { label: 'Normal', state: 'Stripe works', meaning: 'API requests are answered at once.', tone: 'good', behaviour: {} },
  { label: 'Slow', state: 'Stripe is slow', meaning: `API requests are answered after ${SLOW_MS / 1000} seconds.`, tone: 'warn', behaviour: { latencyMs: SLOW_MS } },
  { label: 'Failing', state: 'Stripe fails', meaning: 'API requests are answered with status 500.', tone: 'bad', behaviour: { failStatus: 500 } },
  { label: 'Unreachable', state: 'Stripe is unreachable', meaning: 'Connections to the API are dropped.', tone: 'bad', behaviour: { dropConnection: true } }
]

/** @type {Record<EventRow['delivery'], [words: string, tone: string]>} */
const DELIVERIES = {
  delivered: ['Delivered', 'good'],
  pending: ['On its way', 'warn'],
  held: ['Held back', 'warn'],
  failed: ['Given up', 'bad'],
  no_endpoint: ['Not sent', '']
}

/**
 * How the API behaves.
 * @param {Page} page
 * @param {Overview} overview
 */
export function renderService (page, { behaviour: { holdWebhooks, ...behaviour } }) {
  return html`<section class="card stack" aria-labelledby="service">
    <h2 id="service">Stripe's API</h2>
    ${renderModes(page, {
      modes: MODES, behaviour, choose: mode => ask('POST', '/behaviour', { ...mode.behaviour, ...(holdWebhooks && { holdWebhooks }) })
    })}
  </section>`
}

/**
 * Holding events back, and letting them go.
 * @param {Page} page
 * @param {Overview} overview
 */
export function renderWebhooks (page, { behaviour, heldEvents, webhookUrl }) {
  const holding = behaviour.holdWebhooks === true
  const hold = button(page, 'Hold webhooks', async () => {
    await ask('POST', '/behaviour', { ...behaviour, holdWebhooks: true })
    return { tone: 'warn', text: 'Events are held back until they are released.' }
  })
  const release = button(page, 'Release webhooks', async () => {
    const { events } = await ask('POST', '/events/release')
    return { text: 'Events are sent at once again.', events }
  })
  return html`<section class="card stack" aria-labelledby="webhooks">
    <h2 id="webhooks">Webhooks</h2>
    <p>${holding
      ? html`<span class="badge" data-tone="warn">Held back</span> ${counted(heldEvents, 'event')} waiting.`
      : html`Sent at once to <code>${webhookUrl ?? 'nowhere: no address is set'}</code>`}</p>
    <div class="row">${when(!holding, () => hold)}${when(holding || heldEvents > 0, () => release)}</div>
  </section>`
}

/**
 * The last events, with what came of each.
 * @param {Page} page
 * @param {EventRow[]} events
 */
export function renderEvents (page, events) {
  const [last] = events
  return html`<section class="card stack" aria-labelledby="events">
    <div class="row"><h2 id="events">Last events</h2>
      ${when(last, event => button(page, 'Resend the last event', () => resend(event)))}</div>
    ${last ? html`<ul class="events">${repeat(events, ({ id }) => id, event => renderEvent(page, event))}</ul>` : html`<p class="quiet">None yet.</p>`}
  </section>`
}

/**
 * @param {Page} page
 * @param {EventRow} event
 */
function renderEvent (page, event) {
  const [words, tone] = DELIVERIES[event.delivery]
  return html`<li>
    <div class="row">
      <code id=${event.id}>${event.type}</code>
      ${button(page, 'Resend', () => resend(event), { key: `resend ${event.id}`, about: event.id })}
    </div>
    <p class="quiet small"><span class="badge" data-tone=${tone}>${words}</span> ${counted(event.attempts, 'attempt')}, ${answerTo(event)}, ${timeAgo(new Date(event.created * 1000))}
      ${when(event.object, id => html` · <span title=${id}>${shorten(id)}</span>`)}</p>
  </li>`
}

/** @param {EventRow} event */
async function resend ({ id, type }) {
  const { events } = await ask('POST', `/events/${id}/resend`)
  return { text: `${type} was sent again.`, events }
}
