import { html } from 'ghtml'
import type { PaymentState } from './payment-state.js'
import { renderShopPage } from './frame.js'
import type { Shop } from './frame.js'

interface CheckoutOutcome {
  tone: 'good' | 'info'
  title: string
  text: string
}

const outcomes: Record<PaymentState, CheckoutOutcome> = {
  paid: { tone: 'good', title: 'Payment received', text: 'Thank you for your purchase.' },
  nothing_due: { tone: 'good', title: 'You are all set', text: 'Nothing was due today. Thank you!' },
  on_its_way: { tone: 'info', title: 'Your payment is on its way', text: 'Bank debits take days to clear. There is nothing that you need to do.' },
  unknown: { tone: 'info', title: 'Thank you', text: 'Stripe will confirm your payment by e-mail.' }
}

/** Where Stripe sends the buyer after paying. Whoever has the address sees it, so it names nobody. */
export function renderSuccess (shop: Shop, state: PaymentState): string {
  return renderOutcome(shop, outcomes[state], html`<a href="${shop.basePath}/operator">See what the partner earned</a>`, 'Back to the store')
}

/** Where Stripe sends a buyer who turned back. */
export function renderCancel (shop: Shop): string {
  const outcome: CheckoutOutcome = { tone: 'info', title: 'Nothing was charged', text: 'You left the checkout before paying.' }
  return renderOutcome(shop, outcome, 'Turned back: no sale, and nothing to tell Affitor.', 'Back to the products')
}

function renderOutcome (shop: Shop, { tone, title, text }: CheckoutOutcome, nextStep: string, back: string): string {
  return renderShopPage(shop, {
    title,
    nextStep,
    main: html`<div class="card outcome" data-tone="${tone}">
  <h1>${title}</h1>
  <p>${text}</p>
  <p><a class="button" href="${shop.basePath}/#products">${back}</a></p>
</div>`
  })
}
