// @ts-check
import { html } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { ask } from './control-surface.js'
import { startPage } from './page.js'
import { renderPayment } from './stripe-payment.js'
import { renderEvents, renderService, renderWebhooks } from './stripe-service.js'
import { renderSession } from './stripe-session.js'
import { renderSubscription } from './stripe-subscription.js'

/** @import { TemplateResult } from 'lit-html' */
/** @import { Overview } from '../../stripe/control/overview.js' */

/** @returns {Promise<Overview>} */
const load = () => ask('GET', '/overview')

startPage(load, (overview, page) => html`
  <div class="columns">
    <div class="stack">
      ${renderList('subscriptions', 'Subscriptions', overview.subscriptions, row => renderSubscription(page, row), 'Nobody has subscribed yet.')}
      ${renderList('payments', 'Payments', overview.payments, row => renderPayment(page, row), 'Nobody has paid yet.')}
      ${renderList('sessions', 'Checkout Sessions', overview.sessions, row => renderSession(page, row), 'Nobody has come to the checkout yet.')}
    </div>
    <div class="stack">
      ${renderService(page, overview)}
      ${renderWebhooks(page, overview)}
      ${renderEvents(page, overview.events)}
    </div>
  </div>`)

/**
 * @template {{ id: string }} Item
 * @param {string} id
 * @param {string} title
 * @param {Item[]} items
 * @param {(item: Item) => TemplateResult} view
 * @param {string} nothingYet
 */
function renderList (id, title, items, view, nothingYet) {
  return html`<section aria-labelledby=${id}>
    <h2 id=${id}>${title}</h2>
    ${items.length === 0 ? html`<p class="quiet">${nothingYet}</p>` : html`<ul class="rows">${repeat(items, item => item.id, view)}</ul>`}
  </section>`
}
