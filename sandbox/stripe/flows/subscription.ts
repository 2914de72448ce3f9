import { formatMoney } from '#money'
import type Stripe from 'stripe'
import { addInterval } from '../calendar.js'
import { productName } from '../catalog.js'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import {
  apiList, invoiceLineItem, itemLineParent, linePricing, plan, subscription, subscriptionItem, subscriptionLineParent
} from '../objects/index.js'
import { newId } from '../ids.js'
import { amountsOf, sum, taxes } from './amounts.js'
import type { Amounts, Terms } from './amounts.js'
import type { Bill } from './invoice-draft.js'

const DAY = 86_400

/** What is subscribed to. */
export interface SubscriptionRequest {
  customer: string
  items: Array<{ price: Stripe.Price, quantity: number }>
  metadata: Stripe.Metadata
  description: string | null
  trialDays: number | null
}

/** Makes a subscription, in its trial if there is one. */
export function createSubscription (
  context: SandboxContext, batch: EventBatch, request: SubscriptionRequest
): Stripe.Subscription {
  const start = timestamp(context)
  const trialEnd = request.trialDays === null ? null : start + request.trialDays * DAY
  const id = newId('sub_1')
  const items = request.items.map(({ price, quantity }) => subscriptionItem({
    created: start,
    current_period_end: trialEnd ?? periodEnd(start, price),
    current_period_start: start,
    plan: plan(price),
    price,
    quantity,
    subscription: id
  }))
  const made = subscription({
    id,
    billing_cycle_anchor: trialEnd ?? start,
    created: start,
    currency: items[0]?.price.currency ?? 'usd',
    customer: request.customer,
    description: request.description,
    items: apiList(`/v1/subscription_items?subscription=${id}`, items),
    metadata: { ...request.metadata },
    start_date: start,
    status: trialEnd === null ? 'active' : 'trialing',
    trial_end: trialEnd,
    trial_start: trialEnd === null ? null : start
  })
  context.state.subscriptions.set(id, made)
  batch.add('customer.subscription.created', made)
  return made
}

/** The end of a billing period that starts at a time. */
export function periodEnd (start: number, price: Stripe.Price): number {
  return addInterval(start, price.recurring?.interval ?? 'month', price.recurring?.interval_count ?? 1)
}

/** The bill of a subscription's present period: nothing during its trial. One-time items are billed along with it. */
export function periodBill (
  context: SandboxContext,
  made: Stripe.Subscription,
  reason: Stripe.Invoice.BillingReason,
  terms: Terms,
  oneTime: Array<{ price: Stripe.Price, quantity: number }> = []
): Bill {
  const trial = made.status === 'trialing'
  const first = firstItem(made)
  const period = { end: first.current_period_end, start: first.current_period_start }
  const bills: Amounts[] = []
  const line = (price: Stripe.Price, quantity: number, free: boolean, parent: Stripe.InvoiceLineItem.Parent) => {
    const amounts = amountsOf(free ? 0 : (price.unit_amount ?? 0) * quantity, terms)
    bills.push(amounts)
    return billLine(context, made, price, quantity, amounts, { parent, period, trial: free })
  }
  const lines = made.items.data.map((item) =>
    line(item.price, item.quantity ?? 1, trial, subscriptionLineParent(made.id, item.id)))
  for (const { price, quantity } of oneTime) {
    lines.push(line(price, quantity, false, itemLineParent(newId('ii_1'), made.id)))
  }
  return { reason, lines, amounts: sum(bills), periodStart: period.start, periodEnd: period.start }
}

function billLine (
  context: SandboxContext,
  made: Stripe.Subscription,
  price: Stripe.Price,
  quantity: number,
  amounts: Amounts,
  details: { parent: Stripe.InvoiceLineItem.Parent, period: Stripe.InvoiceLineItem.Period, trial: boolean }
): Stripe.InvoiceLineItem {
  const name = productName(context.state, price)
  const each = formatMoney(price.unit_amount ?? 0, price.currency)
  const interval = price.recurring ? ` / ${price.recurring.interval}` : ''
  return invoiceLineItem({
    amount: amounts.subtotal,
    currency: price.currency,
    description: details.trial ? `Trial period for ${name}` : `${quantity} × ${name} (at ${each}${interval})`,
    discount_amounts: amounts.discount > 0 ? [{ amount: amounts.discount, discount: newId('di_1') }] : [],
    metadata: { ...made.metadata },
    parent: details.parent,
    period: details.period,
    pricing: linePricing(price),
    quantity,
    subscription: made.id,
    subtotal: amounts.subtotal,
    taxes: taxes(amounts)
  })
}

/** The first item of a subscription; there is always one. */
export function firstItem (made: Stripe.Subscription): Stripe.SubscriptionItem {
  const [first] = made.items.data
  if (first === undefined) throw new Error(`subscription ${made.id} has no item`)
  return first
}

/** Ends a subscription now. */
export function endSubscription (
  context: SandboxContext, batch: EventBatch, made: Stripe.Subscription, reason: Stripe.Subscription.CancellationDetails.Reason
): void {
  const at = timestamp(context)
  made.status = 'canceled'
  made.canceled_at ??= at
  made.ended_at = at
  made.cancellation_details = { comment: null, feedback: null, feedback_option: null, reason }
  batch.add('customer.subscription.deleted', made)
}
