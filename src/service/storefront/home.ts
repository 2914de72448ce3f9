import { html } from 'ghtml'
import type { Offer } from './offered-prices.js'
import { renderAccount } from './account.js'
import { renderShopPage } from './frame.js'
import type { Shop } from './frame.js'
import { renderOffers } from './offers.js'
import { SANDBOX_PARTNER } from './sandbox-strip.js'

export interface Visit {
  /** Undefined: Stripe could not be asked. */
  offers: Offer[] | undefined
  /** E-mail of a visitor who is signed in. */
  email: string | undefined
}

/** The store's front page. */
export function renderHome (shop: Shop, { offers, email }: Visit): string {
  const signedIn = email !== undefined
  return renderShopPage(shop, {
    title: 'Plans',
    modules: ['storefront/home.js'],
    nextStep: arrival(shop.basePath),
    tools: html`<div id="session" class="row" !${signedIn ? '' : 'hidden'}>
    <span>Hello, <strong id="session-email">${email ?? ''}</strong></span>
    <button id="sign-out" class="compact" type="button" disabled>Sign out</button>
    <span id="session-problem" role="alert" hidden></span>
  </div>
  <nav id="entrance" class="row" aria-label="Account" !${signedIn ? 'hidden' : ''}>
    <a class="button compact" href="#login" data-show="login">Log in</a>
    <a class="button compact primary" href="#signup" data-show="signup">Sign up</a>
  </nav>`,
    main: html`<header class="hero">
  <h1>Buy it once, or subscribe.</h1>
  <p>Pay through Stripe. If a partner sent you here, they earn a share of your purchase, and you pay nothing extra.</p>
</header>
<noscript><p class="notice" data-tone="warn">Signing up and buying need JavaScript, which is off in this browser.</p></noscript>
<div class="counter">
  <section id="products" tabindex="-1" aria-labelledby="products-title">
    <h2 id="products-title" class="visually-hidden">Products</h2>
    !${renderOffers(offers)}
  </section>
  !${renderAccount(signedIn)}
</div>
!${journey}`
  })
}

/** Filled in by the browser: only the tracker knows whether a partner brought the visitor. Both texts keep their place. */
function arrival (basePath: string): string {
  return html`<span id="arrival" class="swap" data-arrival="unknown" role="status">
    <a data-when="alone" href="${basePath}/?aff=${SANDBOX_PARTNER}">Come through a partner’s link</a>
    <span data-when="brought">A partner brought you. Now buy!</span>
  </span>`
}

const journey = html`<section class="journey" aria-labelledby="journey-title">
  <h2 id="journey-title">How the partner gets paid</h2>
  <ol>
    <li><h3>A link is followed</h3><p>Affitor’s tracker sees <code>?aff=</code> in the address and remembers the click.</p></li>
    <li><h3>The visitor signs up</h3><p><code>POST /api/signup</code> stores the user and the lead in one transaction.</p></li>
    <li><h3>Stripe is paid</h3><p><code>POST /api/checkout</code> opens the checkout; signed webhooks tell of every payment and refund.</p></li>
    <li><h3>Affitor is told</h3><p>Each fact arrives exactly once and in order, whatever is down meanwhile.</p></li>
  </ol>
</section>`
