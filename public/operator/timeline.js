// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { factAmount, factName } from './facts.js'
import { actionButton, counted, stateBadge, stateTone } from './parts.js'
import { itemsOf } from './story-items.js'
import { ago } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {(id: number) => Promise<void>} Retry */

/** So many of the last attempts are shown at once. */
const SHOWN_ATTEMPTS = 3

/**
 * What happened to a customer, oldest first.
 * @param {Schemas['CustomerStory']['entries']} entries
 * @param {Retry} retry
 */
export const timelineView = (entries, retry) => html`
  <ol class="timeline">
    ${repeat(itemsOf(entries), keyOf, item => {
      switch (item.type) {
        case 'fact': return factView(item, retry)
        case 'checkout': return checkoutView(item)
        case 'stripe_event': return stripeEventView(item)
      }
    })}
  </ol>`

/** @param {import('./story-items.js').Item} item */
function keyOf (item) {
  switch (item.type) {
    case 'fact': return item.fact.id
    case 'checkout': return item.checkout.sessionId
    case 'stripe_event': return item.stripeEvent.id
  }
}

/**
 * @param {import('./story-items.js').FactItem} item
 * @param {Retry} retry
 */
const factView = ({ at, fact, stripeEvent, attempts }, retry) => html`
  <li class="fact" data-tone=${stateTone(fact.state)}>
    <div class="row">
      <h3>${factName(fact)} <span class="number">${factAmount(fact)}</span></h3>
      ${stateBadge(fact.state)}
      <span class="quiet small">${ago(at)}</span>
      ${fact.retryable ? actionButton('Retry', () => retry(fact.id)) : nothing}
    </div>
    ${fact.explanation === null ? nothing : html`<p>${fact.explanation}</p>`}
    ${fact.kind === 'lead'
      ? nothing
      : html`
        <p class="quiet small"><code>${fact.transactionId}</code>${fact.saleTransactionId === null ? nothing : html` of sale <code>${fact.saleTransactionId}</code>`}</p>
        <p class="quiet small">Told by ${stripeEvent?.type} <code>${fact.source}</code></p>`}
    ${attempts.length === 0
      ? html`<p class="quiet small">Affitor was not called${fact.state === 'pending' ? ' yet' : ''}.</p>`
      : attemptsView(attempts)}
  </li>`

/** @param {Schemas['StoryAttempt'][]} attempts the last ones tell most */
function attemptsView (attempts) {
  const earlier = attempts.slice(0, -SHOWN_ATTEMPTS)
  return html`
    <div class="attempts small">
      ${earlier.length === 0 ? nothing : html`<details><summary>${counted(earlier.length, 'earlier attempt')}</summary><ul>${earlier.map(attemptView)}</ul></details>`}
      <ul>${attempts.slice(-SHOWN_ATTEMPTS).map(attemptView)}</ul>
    </div>`
}

/** @param {Schemas['StoryAttempt']} entry */
const attemptView = ({ at, attempt: { attempt, status, error, durationMs } }) => html`
  <li>
    Attempt ${attempt}: <strong>${status === 0 ? 'no answer' : `answered ${status}`}</strong> in ${durationMs.toLocaleString('en')} ms,
    <span class="quiet">${ago(at)}</span>${error === null ? nothing : html`<br><code>${error}</code>`}
  </li>`

/** @param {Schemas['StoryCheckout']} entry */
const checkoutView = ({ at, checkout: { sessionId, priceId, mode, quantity } }) => html`
  <li data-tone="plain">
    <div class="row">
      <h3>Checkout</h3>
      <span class="quiet small">${ago(at)}</span>
    </div>
    <p class="quiet small">${quantity} × <code>${priceId}</code> as a ${mode === 'payment' ? 'one-time payment' : 'subscription'}</p>
    <p class="quiet small"><code>${sessionId}</code></p>
  </li>`

/**
 * A Stripe event that made no fact.
 * @param {Schemas['StoryStripeEvent']} entry
 */
const stripeEventView = ({ at, stripeEvent: { id, type, state, explanation } }) => html`
  <li class="minor" data-tone=${stateTone(state)}>
    <div class="row small">
      <h3>${type}</h3>
      ${stateBadge(state)}
      <span class="quiet">${ago(at)}</span>
    </div>
    <p class="quiet small">${explanation} <code>${id}</code></p>
  </li>`
