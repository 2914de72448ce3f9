import { formatMoney } from '#money'
import { html } from 'ghtml'
import type { Offer } from './offered-prices.js'

/** The products, or in words why there are none. */
export function renderOffers (offers: Offer[] | undefined): string {
  if (offers === undefined) {
    return html`<p class="notice" data-tone="warn">The prices come from Stripe, which does not answer at the moment. Please try again in a minute; your account works meanwhile.</p>`
  }
  if (offers.length === 0) return html`<p class="notice">Nothing is on sale yet: this Stripe account has no active prices.</p>`
  return html`<div class="offers">!${offers.map(renderOffer)}</div>`
}

/** Its button works once the page's script has come. */
function renderOffer (offer: Offer): string {
  const { priceId, mode, name, description, features } = offer
  const subscribes = mode === 'subscription'
  const action = subscribes ? 'Subscribe' : 'Buy now'
  return html`<article class="card offer" aria-labelledby="name-${priceId}">
  <p class="badge" data-tone="${subscribes ? 'info' : 'good'}">${subscribes ? 'Subscription' : 'One-time'}</p>
  <h3 id="name-${priceId}">${name}</h3>
  !${description === null ? '' : html`<p class="quiet">${description}</p>`}
  <p class="price"><strong class="number">${formatMoney(offer.unitAmount, offer.currency, { short: true })}</strong> <span class="quiet">${paidWhen(offer)}</span></p>
  !${features.length === 0 ? '' : html`<ul class="features">!${features.map(feature => html`<li>${feature}</li>`)}</ul>`}
  <button class="primary wide" type="button" data-price-id="${priceId}" data-mode="${mode}" data-name="${name}" disabled
    aria-label="${action}: ${name}" aria-describedby="problem-${priceId}">${action}</button>
  <p id="problem-${priceId}" class="notice" data-tone="bad" role="alert" hidden></p>
</article>`
}

/** How often an offer is paid: `one payment`, `per month`, `every 3 months`. */
function paidWhen ({ every }: Offer): string {
  if (every === null) return 'one payment'
  return every.count === 1 ? `per ${every.interval}` : `every ${every.count} ${every.interval}s`
}
