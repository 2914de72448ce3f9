import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { quote, quoteParent } from '../objects/index.js'
import { createInvoice } from './invoice.js'
import { draftInvoice } from './invoice-draft.js'
import { awaitPayment } from './manual-invoice.js'
import { oneOffBill } from './one-off-bill.js'
import { createSubscription, periodBill } from './subscription.js'

/** Makes a draft of a quote and computes its sums. */
export function createQuote (
  context: SandboxContext, batch: EventBatch, details: Partial<Stripe.Quote>, lineItems: Stripe.LineItem[]
): Stripe.Quote {
  const total = lineItems.reduce((sum, item) => sum + item.amount_total, 0)
  const upfront = details.subscription_data?.trial_period_days == null ? lineItems : lineItems.filter(({ price }) => price?.type === 'one_time')
  const due = upfront.reduce((sum, item) => sum + item.amount_total, 0)
  const made = quote({ ...details, amount_subtotal: total, amount_total: total, created: timestamp(context), currency: lineItems[0]?.currency ?? null })
  Object.assign(made.computed.upfront, { amount_subtotal: due, amount_total: due })
  made.computed.recurring = recurringOf(lineItems)
  context.state.quotes.set(made.id, made)
  context.state.quoteItems.set(made.id, { id: made.id, lineItems })
  batch.add('quote.created', made)
  return made
}

function recurringOf (lineItems: Stripe.LineItem[]): Stripe.Quote.Computed.Recurring | null {
  const items = lineItems.filter(({ price }) => price?.type === 'recurring')
  const recurring = items[0]?.price?.recurring
  if (recurring == null) return null
  const total = items.reduce((sum, item) => sum + item.amount_total, 0)
  return {
    amount_subtotal: total,
    amount_total: total,
    interval: recurring.interval,
    interval_count: recurring.interval_count,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 }
  }
}

/** Gives a draft its number (docs.stripe.com/quotes/overview#finalize); the customer can accept it from then on. */
export function finalizeQuote (context: SandboxContext, batch: EventBatch, made: Stripe.Quote): void {
  const customer = stored(context.state.customers, customerOf(made))
  const numbered = [...context.state.quotes.values()].filter((one) => one.number !== null && customerOf(one) === customer.id)
  made.number = `QT-${customer.invoice_prefix ?? 'SANDBOX'}-${String(numbered.length + 1).padStart(4, '0')}-1`
  made.status = 'open'
  made.status_transitions.finalized_at = timestamp(context)
  batch.add('quote.finalized', made)
}

/**
 * The customer accepts: recurring prices make a subscription, with one-time ones on its first invoice; without any, there
 * is an invoice of the quote, a draft that somebody has to finalize (docs.stripe.com/quotes/overview).
 */
export function acceptQuote (context: SandboxContext, batch: EventBatch, made: Stripe.Quote): void {
  const { lineItems } = stored(context.state.quoteItems, made.id)
  if (made.computed.recurring === null) {
    const bill = oneOffBill(context, 'quote_accept', lineItems)
    made.invoice = draftInvoice(context, batch, {
      collection_method: made.collection_method,
      currency: made.currency ?? 'usd',
      customer: customerOf(made),
      // Nothing in Stripe's documentation says that an invoice takes over its quote's metadata, so it does not.
      parent: quoteParent(made.id)
    }, bill).id
  } else {
    subscribe(context, batch, made, lineItems)
  }
  made.status = 'accepted'
  made.status_transitions.accepted_at = timestamp(context)
  batch.add('quote.accepted', made)
}

function subscribe (context: SandboxContext, batch: EventBatch, made: Stripe.Quote, lineItems: Stripe.LineItem[]): void {
  const items = lineItems.flatMap(({ price, quantity }) => price === null ? [] : [{ price, quantity: quantity ?? 1 }])
  const { metadata, description, trial_period_days: trialDays } = made.subscription_data
  const subscription = createSubscription(context, batch, {
    customer: customerOf(made),
    items: items.filter(({ price }) => price.type === 'recurring'),
    metadata: { ...metadata },
    description,
    trialDays
  })
  // `subscription_create` is the reason of every new subscription's first invoice, and its parent is the subscription
  // (docs.stripe.com/api/invoices/object#invoice_object-billing_reason); nothing there makes an exception for quotes.
  const oneTime = items.filter(({ price }) => price.type === 'one_time')
  const invoice = createInvoice(context, batch, subscription, periodBill(context, subscription, 'subscription_create', {}, oneTime))
  awaitPayment(context, batch, invoice)
  made.subscription = subscription.id
  made.invoice = invoice.id
}

/** The shop takes back what was not accepted. */
export function cancelQuote (context: SandboxContext, batch: EventBatch, made: Stripe.Quote): void {
  made.status = 'canceled'
  made.status_transitions.canceled_at = timestamp(context)
  batch.add('quote.canceled', made)
}

function customerOf (made: Stripe.Quote): string {
  return made.customer === null ? '' : idOf(made.customer)
}
