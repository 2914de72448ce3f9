// @ts-check
import { html, nothing } from 'lit-html'
import { repeat } from 'lit-html/directives/repeat.js'
import { keyOf } from './attention-list.js'
import { id } from './copy.js'
import { affitorLink } from './dashboards.js'
import { factAmount, factName } from './facts.js'
import { actionButton, counted, skeleton, who } from './parts.js'
import { eventsHref } from './place.js'
import { ago } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {import('./actions.js').Actions} Actions */
/** @typedef {import('./attention-list.js').AttentionGroup} AttentionGroup */
/** @typedef {import('./attention-list.js').AttentionList} AttentionList */

/**
 * What a person must look at, by reason.
 * @param {AttentionList} list
 * @param {number} resolved how many events were resolved
 * @param {Actions} actions
 * @param {(group: Schemas['AttentionGroup']) => Promise<void>} showMore
 */
export const attentionView = (list, resolved, actions, showMore) => html`
  <section class="card stack" aria-labelledby="attention-heading">
    <h2 id="attention-heading">Needs attention</h2>
    ${list.groups === null
      ? skeleton()
      : list.groups.length === 0 ? html`<p class="quiet">Nothing needs attention.</p>` : repeat(list.groups, ({ group }) => keyOf(group), group => groupView(group, list, actions, showMore))}
    ${resolved === 0 ? nothing : html`<p class="small"><a href=${eventsHref({ state: 'resolved' })}>${counted(resolved, 'event')} resolved earlier</a></p>`}
  </section>`

/**
 * @param {AttentionGroup} shown
 * @param {AttentionList} list
 * @param {Actions} actions
 * @param {(group: Schemas['AttentionGroup']) => Promise<void>} showMore
 */
function groupView (shown, list, actions, showMore) {
  const { group, facts, stripeEvents } = shown
  return html`
    <article class="group" data-reason=${group.reason ?? ''}>
      <div class="head">
        <h3>${group.explanation ?? 'For no reason that is known.'} <span class="badge" data-tone="warn">${counted(group.count, group.kind === 'fact' ? 'event' : 'Stripe event')}</span></h3>
        ${group.kind === 'fact' && group.reason !== null && group.count > 1
          ? html`
            <div class="row">
              ${group.retryable ? actionButton(`Retry all ${group.count.toLocaleString('en')}`, async () => actions.retryAll(group)) : nothing}
              ${actionButton(`Resolve all ${group.count.toLocaleString('en')}`, async () => actions.resolveAll(group))}
            </div>`
          : nothing}
      </div>
      ${group.advice === null ? nothing : html`<p class="advice">${group.advice}${dashboardLink()}</p>`}
      <ul class="items">
        ${repeat(facts, ({ id }) => id, fact => factView(fact, actions))}
        ${repeat(stripeEvents, ({ id }) => id, event => stripeEventView(event, actions))}
      </ul>
      ${list.hasMore(shown) ? html`<p class="more">${actionButton('Show more', () => showMore(group))}</p>` : nothing}
    </article>`
}

function dashboardLink () {
  const href = affitorLink()
  return href === null ? nothing : html` <a href=${href} target="_blank" rel="noreferrer">Affitor’s dashboard</a>`
}

/**
 * @param {Schemas['TrackingEvent']} fact
 * @param {Actions} actions
 */
const factView = (fact, actions) => html`
  <li data-event=${fact.id}>
    <div class="what">
      <p><strong>${factName(fact)} <span class="number">${factAmount(fact)}</span></strong> of ${who(fact)}</p>
      <p class="quiet small">
        Since ${ago(fact.attentionSince ?? fact.createdAt)} · ${counted(fact.attempts, 'attempt')}${fact.lastError === null ? nothing : html`; the last ended with <code>${fact.lastError}</code>`}
      </p>
      ${fact.kind === 'lead' ? nothing : html`<p class="small">${id(fact.transactionId, { inList: true })}</p>`}
    </div>
    <div class="row">
      ${fact.retryable ? actionButton('Retry', () => actions.retry(fact)) : nothing}
      ${actionButton('Resolve', async () => actions.resolve(fact))}
    </div>
  </li>`

/**
 * @param {Schemas['StripeEvent']} event
 * @param {Actions} actions
 */
const stripeEventView = (event, actions) => html`
  <li data-event=${event.id}>
    <div class="what">
      <p><strong>${event.type}</strong> of ${who(event)}</p>
      <p class="quiet small">Since ${ago(event.attentionSince ?? event.receivedAt)} · ${counted(event.attempts, 'attempt')}</p>
      <p class="small">${id(event.id, { inList: event.customerKey !== null })}</p>
    </div>
    <div class="row">
      ${actionButton('Read again', () => actions.readAgain(event))}
      ${actionButton('Resolve', async () => actions.resolveStripeEvent(event))}
    </div>
  </li>`
