// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { id } from './copy.js'
import { factAmount, factName, productId, productNote } from './facts.js'
import { actionButton, counted, stateBadge, stateTone } from './parts.js'
import { resolutionView } from './resolved-stripe-events.js'
import { itemsOf } from './story-items.js'
import { at as exactly } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {import('./actions.js').Actions} Actions */

/** So many of the last attempts are shown at once. */
const SHOWN_ATTEMPTS = 3

/** Who told a fact. @type {Record<Schemas['FactSource'], string>} */
const tellers = { signup: 'the signup', api: 'a backend', sql: 'a function of the database', stripe: 'Stripe\'s event' }

/**
 * What happened to a customer, oldest first.
 * @param {Schemas['CustomerStory']['entries']} entries
 * @param {Actions} actions
 */
export const timelineView = (entries, actions) => html`
  <ol class="timeline">
    ${repeat(itemsOf(entries), keyOf, item => {
      switch (item.kind) {
        case 'fact': return factView(item, actions)
        case 'checkout': return checkoutView(item)
        case 'stripe_event': return stripeEventView(item, actions)
        case 'action': return actionView(item)
      }
    })}
  </ol>`

/** @param {import('./story-items.js').Item} item */
function keyOf (item) {
  switch (item.kind) {
    case 'fact': return item.fact.id
    case 'checkout': return item.checkout.sessionId
    case 'stripe_event': return item.stripeEvent.id
    case 'action': return `${item.at} ${item.action.action} ${item.action.trackingEventId ?? item.action.stripeEventId}`
  }
}

/**
 * @param {import('./story-items.js').FactItem} item
 * @param {Actions} actions
 */
const factView = ({ at, fact, stripeEvent, attempts }, actions) => html`
  <li class="fact" data-tone=${stateTone(fact.state)}>
    <div class="row">
      <h3>${factName(fact)} <span class="number">${factAmount(fact)}</span></h3>
      ${stateBadge(fact.state)}
      <span class="quiet small">${exactly(at)}</span>
      ${fact.retryable ? actionButton('Retry', () => actions.retry(fact)) : nothing}
      ${fact.state === 'needs_attention' ? actionButton('Resolve', async () => actions.resolve(fact)) : nothing}
      ${fact.state === 'resolved' ? actionButton('Reopen', () => actions.reopen(fact)) : nothing}
    </div>
    ${fact.explanation === null ? nothing : html`<p>${fact.explanation}</p>`}
    ${fact.advice === null ? nothing : html`<p class="advice">${fact.advice}</p>`}
    ${resolutionView(fact.resolution)}
    ${fact.kind === 'lead'
      ? nothing
      : html`
        <p class="quiet small">${id(fact.transactionId)}${fact.saleTransactionId === null ? nothing : html` of sale ${id(fact.saleTransactionId)}`}</p>
        ${productView(fact)}`}
    <p class="quiet small">Told by ${tellers[fact.source]}${fact.stripeEventId === null ? nothing : html` ${id(fact.stripeEventId)}${stripeEvent === undefined ? nothing : html`, ${stripeEvent.type}`}`}</p>
    ${attempts.length === 0
      ? html`<p class="quiet small">Affitor was not called${fact.state === 'pending' ? ' yet' : ''}.</p>`
      : attemptsView(attempts)}
  </li>`

/** @param {Schemas['TrackingEvent']} fact */
function productView (fact) {
  const product = productId(fact)
  const note = productNote(fact)
  if (product === null && note === undefined) return nothing
  return html`<p class="quiet small">${product === null ? note : html`Product ${id(product)}`}</p>`
}

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
    <span class="quiet">${exactly(at)}</span>${error === null ? nothing : html`<br><code>${error}</code>`}
  </li>`

/** @param {Schemas['StoryCheckout']} entry */
const checkoutView = ({ at, checkout: { sessionId, priceId, mode, quantity } }) => html`
  <li data-tone="plain">
    <div class="row">
      <h3>Checkout</h3>
      <span class="quiet small">${exactly(at)}</span>
    </div>
    <p class="quiet small">${quantity} × ${id(priceId)} as a ${mode === 'payment' ? 'one-time payment' : 'subscription'}</p>
    <p class="quiet small">${id(sessionId)}</p>
  </li>`

/**
 * A Stripe event that made no fact.
 * @param {Schemas['StoryStripeEvent']} entry
 * @param {Actions} actions
 */
const stripeEventView = ({ at, stripeEvent }, actions) => html`
  <li class="minor" data-tone=${stateTone(stripeEvent.state)}>
    <div class="row small">
      <h3>${stripeEvent.type}</h3>
      ${stateBadge(stripeEvent.state)}
      <span class="quiet">${exactly(at)}</span>
      ${stripeEvent.state === 'failed'
        ? [actionButton('Read again', () => actions.readAgain(stripeEvent)), actionButton('Resolve', async () => actions.resolveStripeEvent(stripeEvent))]
        : nothing}
      ${stripeEvent.state === 'resolved' ? actionButton('Reopen', () => actions.reopenStripeEvent(stripeEvent)) : nothing}
    </div>
    <p class="quiet small">${stripeEvent.explanation} ${id(stripeEvent.id)}</p>
    ${stripeEvent.advice === null ? nothing : html`<p class="advice">${stripeEvent.advice}</p>`}
    ${resolutionView(stripeEvent.resolution)}
  </li>`

/** What was done. @type {Record<Schemas['OperatorAction']['action'], string>} */
const deeds = {
  retry: 'Tried again', hold: 'Taken out of line', resolve: 'Resolved', reopen: 'Reopened', delete_personal_data: 'Personal data deleted'
}

/** @param {import('./story-items.js').ActionItem} item */
const actionView = ({ at, action, fact, stripeEvent }) => html`
  <li class="minor" data-tone="plain">
    <div class="row small">
      <h3>${deeds[action.action]}${action.by === null ? ' by an operator' : ` by ${action.by}`}</h3>
      <span class="quiet">${exactly(at)}</span>
    </div>
    ${fact === undefined && stripeEvent === undefined ? nothing : html`<p class="quiet small">${fact === undefined ? stripeEvent?.type : `${factName(fact)} ${factAmount(fact)}`}</p>`}
    ${action.note === null ? nothing : html`<p class="small"><q>${action.note}</q></p>`}
  </li>`
