import type Stripe from 'stripe'
import type { SandboxContext } from '../context.js'
import type { Terms } from '../flows/amounts.js'
import { createCustomer } from '../flows/customer.js'
import { collectInvoice, createInvoice } from '../flows/invoice.js'
import { cancel, renew, upgrade } from '../flows/renew.js'
import type { SubscriptionChange } from '../flows/renew.js'
import { createSubscription, periodBill } from '../flows/subscription.js'
import { conflict, ControlError, notFound } from './errors.js'
import { CancelBody, IdParams, RenewBody, SubscribeBody, UpgradeBody } from './schemas.js'
import type { ControlApp } from './schemas.js'

/** `/_sandbox/subscriptions...`: what time and the shop do to subscriptions. */
export function subscriptionControl (app: ControlApp, context: SandboxContext): void {
  const find = (id: string): Stripe.Subscription => {
    const found = context.state.subscriptions.get(id)
    if (found === undefined) throw notFound('subscription', id)
    if (found.status === 'canceled') throw conflict('CANCELED', `The subscription '${id}' is cancelled.`)
    return found
  }
  const findPrice = (id: string): Stripe.Price => {
    const found = context.state.prices.get(id)
    if (found === undefined) throw notFound('price', id)
    if (found.recurring === null) throw new ControlError(400, 'NOT_RECURRING', `The price '${id}' is not a recurring one.`)
    return found
  }

  app.post('/subscriptions', { schema: { body: SubscribeBody } }, async ({ body }) => {
    const price = findPrice(body.price)
    if (body.customer !== undefined && !context.state.customers.has(body.customer)) throw notFound('customer', body.customer)
    const batch = context.events.batch()
    const customer = body.customer ?? createCustomer(context, batch, { email: body.email ?? 'buyer@example.com' }).id
    const made = createSubscription(context, batch, {
      customer,
      items: [{ price, quantity: body.quantity ?? 1 }],
      metadata: body.metadata ?? {},
      description: null,
      trialDays: body.trial_period_days ?? null
    })
    const invoice = createInvoice(context, batch, made, periodBill(context, made, 'subscription_create', termsOf(body)))
    collectInvoice(context, batch, invoice, 'card', 'succeeds')
    return answer({ subscription: made, invoice, events: batch.send() })
  })

  app.post('/subscriptions/:id/renew', { schema: { params: IdParams, body: RenewBody } }, async ({ params, body }) =>
    answer(renew(context, find(params.id), termsOf(body), body.outcome === 'failed' ? 'fails' : 'succeeds')))

  app.post('/subscriptions/:id/upgrade', { schema: { params: IdParams, body: UpgradeBody } }, async ({ params, body }) => {
    const made = find(params.id)
    const price = findPrice(body.price)
    if (price.currency !== made.currency) {
      throw conflict('OTHER_CURRENCY', `The price '${price.id}' is in ${price.currency}, the subscription in ${made.currency}.`)
    }
    return answer(upgrade(context, made, price, termsOf(body)))
  })

  app.post('/subscriptions/:id/cancel', { schema: { params: IdParams, body: CancelBody } }, async ({ params, body }) =>
    answer(cancel(context, find(params.id), body.at_period_end ?? false)))
}

function termsOf (body: { discount_percent?: number, tax_percent?: number }): Terms {
  return { discountPercent: body.discount_percent, taxPercent: body.tax_percent }
}

async function answer (change: SubscriptionChange) {
  return { ...change, events: await change.events }
}
