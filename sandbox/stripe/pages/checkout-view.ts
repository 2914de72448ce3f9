import { formatMoney } from '#money'
import { html } from 'ghtml'
import type Stripe from 'stripe'
import { intervalOf } from '../catalog.js'
import { idOf, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { methodType } from '../flows/checkout.js'

/** Why a session could not be paid. */
export interface CheckoutProblem {
  /** HTTP */
  status: number
  message: string
  /** The field that it is about, and what was typed into it. */
  field?: 'email'
  typed?: string
}

/** Whether Stripe would ask for an address: neither the shop nor the customer told it. */
export function asksForEmail (context: SandboxContext, session: Stripe.Checkout.Session): boolean {
  if (session.customer === null) return session.customer_email === null
  return !context.state.customers.get(idOf(session.customer))?.email
}

/** The payment page's `<main>`. */
export function renderCheckout (context: SandboxContext, session: Stripe.Checkout.Session, problem?: CheckoutProblem): string {
  const payable = session.status === 'open' && session.expires_at > timestamp(context)
  return html`<h1>Checkout</h1>
<p class="notice">This page stands in for Stripe Checkout. No money moves.</p>
<section class="card stack order" aria-labelledby="order">
!${renderOrder(context, session)}
!${problem !== undefined && problem.field === undefined ? html`<p class="notice" data-tone="bad" role="alert">${problem.message}</p>` : ''}
!${payable ? renderForm(context, session, problem) : renderEnd(session)}
</section>`
}

function renderOrder ({ state }: SandboxContext, session: Stripe.Checkout.Session): string {
  const items = state.drafts.get(session.id)?.lineItems ?? []
  return html`<h2 id="order">Your order</h2>
<ul class="items">!${items.map(renderItem)}</ul>
<p class="total"><span>${session.mode === 'subscription' ? 'Due today' : 'Total'}</span> <strong>${totalOf(session)}</strong></p>`
}

function renderItem ({ amount_total: total, currency, description, price, quantity }: Stripe.LineItem): string {
  const count = quantity ?? 1
  const details = [
    count > 1 && `${count} × ${formatMoney(price?.unit_amount ?? 0, currency)}`,
    price && intervalOf(price)
  ].filter(Boolean).join(', ')
  return html`<li><span><strong>${description}</strong>!${details && html` <span class="quiet small">${details}</span>`}</span> <span class="number">${formatMoney(total, currency)}</span></li>`
}

function totalOf ({ amount_total: total, currency }: Stripe.Checkout.Session): string {
  return formatMoney(total ?? 0, currency ?? 'usd')
}

function renderForm (context: SandboxContext, session: Stripe.Checkout.Session, problem: CheckoutProblem | undefined): string {
  const path = `/pay/${session.id}`
  return html`<form class="stack" method="post" action="${path}/pay">
!${asksForEmail(context, session) ? renderEmail(problem) : ''}
<button class="primary wide">${session.mode === 'setup' ? 'Save the card' : `Pay ${totalOf(session)}`}</button>
!${methodType(session, 'bank_debit') !== null ? html`<button class="wide" formaction="${path}/bank-debit">Pay later (bank debit)</button>` : ''}
!${session.cancel_url !== null ? html`<button class="wide plain" formaction="${path}/cancel" formnovalidate>Cancel</button>` : ''}
</form>`
}

function renderEmail (problem: CheckoutProblem | undefined): string {
  const wrong = problem?.field === 'email'
  return html`<div class="field">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="email" required value="${problem?.typed ?? ''}" !${wrong ? 'aria-invalid="true" aria-describedby="email-problem" autofocus' : ''}>
!${wrong ? html`<p id="email-problem" class="problem">${problem.message}</p>` : ''}
</div>`
}

/** What there is to say once a session can no longer be paid. */
function renderEnd (session: Stripe.Checkout.Session): string {
  const back = (url: string | null): string => url === null
    ? ''
    : html`<p><a class="button wide" href="${url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)}">Back to the shop</a></p>`
  if (session.status !== 'complete') {
    return html`<p class="notice" data-tone="warn">This Checkout Session has expired. Start again in the shop.</p>!${back(session.cancel_url)}`
  }
  if (session.payment_status === 'unpaid') {
    return html`<p class="notice">Waiting for the bank: the debit of ${totalOf(session)} has not cleared.
<a href="/">Let it clear, or fail</a>.</p>!${back(session.success_url)}`
  }
  return html`<p class="notice" data-tone="good">Paid: this Checkout Session is complete.</p>!${back(session.success_url)}`
}
