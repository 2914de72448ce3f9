import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EmittedEvent, EventBatch } from '../events.js'
import { invoiceLineItem, linePricing, plan, subscriptionLineParent } from '../objects/index.js'
import { productName } from '../catalog.js'
import { amountsOf, sum } from './amounts.js'
import type { Amounts, Terms } from './amounts.js'
import { attemptInvoice, collectInvoice, createInvoice } from './invoice.js'
import type { PaymentOutcome } from './invoice.js'
import { payOutOfBand } from './out-of-band.js'
import { endSubscription, firstItem, periodBill, periodEnd } from './subscription.js'

/** What a change of a subscription made. */
export interface SubscriptionChange {
  subscription: Stripe.Subscription
  invoice: Stripe.Invoice | null
  events: Promise<EmittedEvent[]>
}

/** Lets a billing period end: the next one is billed (`subscription_cycle`), or a planned cancellation happens. */
export function renew (
  context: SandboxContext, made: Stripe.Subscription, terms: Terms, outcome: PaymentOutcome
): SubscriptionChange {
  const batch = context.events.batch()
  if (made.cancel_at_period_end) {
    endSubscription(context, batch, made, 'cancellation_requested')
    return { subscription: made, invoice: null, events: batch.send() }
  }
  const before = previous(made)
  const periodStart = firstItem(made).current_period_start
  for (const item of made.items.data) {
    item.current_period_start = item.current_period_end
    item.current_period_end = periodEnd(item.current_period_start, item.price)
  }
  if (made.status === 'trialing') made.status = 'active'
  // An invoice's own period is the one that ended; its lines carry the one paid for (docs.stripe.com/api/invoices/object).
  const bill = createInvoice(context, batch, made, {
    ...periodBill(context, made, 'subscription_cycle', terms), periodStart
  })
  batch.add('customer.subscription.updated', made, before)
  collectInvoice(context, batch, bill, 'card', outcome)
  if (outcome === 'fails') pastDue(batch, made)
  return { subscription: made, invoice: bill, events: batch.send() }
}

/** Changes the price in the middle of a period and bills the difference at once (`subscription_update`). */
export function upgrade (
  context: SandboxContext, made: Stripe.Subscription, price: Stripe.Price, terms: Terms
): SubscriptionChange {
  const batch = context.events.batch()
  const before = previous(made)
  const item = firstItem(made)
  const now = timestamp(context)
  const old = { price: item.price, end: item.current_period_end, start: item.current_period_start }
  const quantity = item.quantity ?? 1
  const unused = Math.min(Math.max((old.end - now) / (old.end - old.start), 0), 1)
  const sameInterval = old.price.recurring?.interval === price.recurring?.interval &&
    old.price.recurring?.interval_count === price.recurring?.interval_count
  item.price = price
  item.plan = plan(price)
  if (!sameInterval) {
    // Another interval starts a new billing cycle (docs.stripe.com/billing/subscriptions/change-price).
    item.current_period_start = now
    item.current_period_end = periodEnd(now, price)
    made.billing_cycle_anchor = now
  }
  batch.add('customer.subscription.updated', made, before)
  const period = { end: item.current_period_end, start: now }
  const lines: Array<{ line: Stripe.InvoiceLineItem, amounts: Amounts }> = [
    prorationLine(context, made, old.price, quantity, -unused, terms, { end: old.end, start: now }),
    prorationLine(context, made, price, quantity, sameInterval ? unused : 1, terms, period)
  ]
  const bill = createInvoice(context, batch, made, {
    reason: 'subscription_update',
    lines: lines.map(({ line }) => line),
    amounts: sum(lines.map(({ amounts }) => amounts)),
    periodStart: old.start,
    periodEnd: now
  })
  collectInvoice(context, batch, bill, 'card', 'succeeds')
  return { subscription: made, invoice: bill, events: batch.send() }
}

function prorationLine (
  context: SandboxContext, made: Stripe.Subscription, price: Stripe.Price, quantity: number, share: number, terms: Terms,
  period: Stripe.InvoiceLineItem.Period
): { line: Stripe.InvoiceLineItem, amounts: Amounts } {
  const amounts = amountsOf(Math.round((price.unit_amount ?? 0) * quantity * share), terms)
  const name = productName(context.state, price)
  const day = new Date(period.start * 1000).toISOString().slice(0, 10)
  const line = invoiceLineItem({
    amount: amounts.subtotal,
    currency: price.currency,
    description: share < 0 ? `Unused time on ${name} after ${day}` : `Remaining time on ${name} after ${day}`,
    discountable: false,
    metadata: { ...made.metadata },
    parent: subscriptionLineParent(made.id, firstItem(made).id, true),
    period,
    pricing: linePricing(price),
    quantity,
    subscription: made.id,
    subtotal: amounts.subtotal
  })
  return { line, amounts }
}

/** Cancels now, or at the end of the period. */
export function cancel (context: SandboxContext, made: Stripe.Subscription, atPeriodEnd: boolean): SubscriptionChange {
  const batch = context.events.batch()
  if (atPeriodEnd) {
    const before = { cancel_at: made.cancel_at, cancel_at_period_end: made.cancel_at_period_end, canceled_at: made.canceled_at }
    made.cancel_at_period_end = true
    made.cancel_at = firstItem(made).current_period_end
    made.canceled_at = timestamp(context)
    batch.add('customer.subscription.updated', made, before)
  } else {
    endSubscription(context, batch, made, 'cancellation_requested')
  }
  return { subscription: made, invoice: null, events: batch.send() }
}

/** A subscription whose last invoice could not be collected. */
export function pastDue (batch: EventBatch, made: Stripe.Subscription): void {
  const { status } = made
  made.status = 'past_due'
  batch.add('customer.subscription.updated', made, { status })
}

/**
 * Pays an open invoice by its PaymentIntent; a subscription that was past due is active again.
 * @param outOfBand what of it is paid outside of Stripe, in the currency's smallest unit
 */
export function payInvoice (
  context: SandboxContext, batch: EventBatch, invoice: Stripe.Invoice, intent: Stripe.PaymentIntent, outcome: PaymentOutcome, outOfBand = 0
): Stripe.Subscription | null {
  if (outOfBand > 0) payOutOfBand(context, batch, invoice, intent, outOfBand)
  else attemptInvoice(context, batch, invoice, intent, 'card', outcome)
  const details = invoice.parent?.subscription_details
  const made = details == null ? null : stored(context.state.subscriptions, idOf(details.subscription))
  if (made?.status === 'past_due' && invoice.status === 'paid') {
    made.status = 'active'
    batch.add('customer.subscription.updated', made, { status: 'past_due' })
  }
  return made
}

function previous (made: Stripe.Subscription): object {
  return {
    items: { ...made.items, data: made.items.data.map((item) => ({ ...item })) },
    latest_invoice: made.latest_invoice,
    status: made.status
  }
}
