import type Stripe from 'stripe'
import { intervalOf, productName } from '../catalog.js'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { summarise } from '../events.js'
import { intentsOf } from '../flows/session-end.js'
import { firstItem } from '../flows/subscription.js'
import type { StoredEvent } from '../state.js'
import { paymentRows, sessionTitle } from './overview-payments.js'
import type { EventRow, Overview, PriceChoice, SessionRow, SubscriptionRow } from './overview.js'
import { failedPayment } from './target.js'

const MAX_ROWS = 30
const MAX_EVENTS = 20

/** The newest of everything, joined for a person. */
export function overviewOf (context: SandboxContext): Overview {
  const { state } = context
  return {
    webhookUrl: context.webhookUrl() ?? null,
    behaviour: context.behaviour.current,
    heldEvents: [...state.events.values()].filter(({ delivery }) => delivery === 'held').length,
    subscriptions: newest(state.subscriptions, MAX_ROWS).map((made) => subscriptionRow(context, made)),
    payments: paymentRows(context, tried(context).slice(-MAX_ROWS).reverse()),
    sessions: newest(state.sessions, MAX_ROWS).map((session) => sessionRow(context, session)),
    events: newest(state.events, MAX_EVENTS).map(eventRow)
  }
}

/** The payments that somebody has tried to make. */
function tried ({ state }: SandboxContext): Stripe.PaymentIntent[] {
  return [...state.paymentIntents.values()].filter((intent) => intent.latest_charge !== null)
}

function newest<T> (map: ReadonlyMap<string, T>, count: number): T[] {
  return [...map.values()].slice(-count).reverse()
}

/** An event with how far its delivery has come. */
export function eventRow (stored: StoredEvent): EventRow {
  const { object } = stored.event.data
  return { ...summarise(stored), created: stored.event.created, object: 'id' in object ? object.id : null }
}

function sessionRow (context: SandboxContext, session: Stripe.Checkout.Session): SessionRow {
  const waits = intentsOf(context, session).some((id) => context.state.paymentIntents.get(id)?.status === 'processing')
  return {
    id: session.id,
    created: session.created,
    title: sessionTitle(context, session),
    email: session.customer_details?.email ?? session.customer_email ?? emailOf(context, session.customer),
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    state: waits ? 'waiting' : session.status ?? 'open',
    url: session.url
  }
}

function subscriptionRow (context: SandboxContext, made: Stripe.Subscription): SubscriptionRow {
  const { price, quantity = 1, current_period_end: periodEnd } = firstItem(made)
  const invoice = made.latest_invoice === null ? undefined : context.state.invoices.get(idOf(made.latest_invoice))
  return {
    id: made.id,
    created: made.created,
    title: productName(context.state, price) + (quantity > 1 ? ` × ${quantity}` : ''),
    email: emailOf(context, made.customer),
    amount: (price.unit_amount ?? 0) * quantity,
    currency: made.currency,
    status: made.status,
    interval: intervalOf(price) ?? '',
    periodEnd,
    endsWithPeriod: made.cancel_at_period_end,
    unpaidInvoice: invoice !== undefined && failedPayment(context, invoice) !== undefined ? invoice.id : null,
    upgrades: made.status === 'canceled' ? [] : upgradesOf(context, price)
  }
}

function upgradesOf ({ state }: SandboxContext, current: Stripe.Price): PriceChoice[] {
  return [...state.prices.values()].flatMap((price) => {
    const interval = intervalOf(price)
    if (!price.active || interval === null || price.id === current.id || price.currency !== current.currency) return []
    return [{ id: price.id, title: productName(state, price), amount: price.unit_amount ?? 0, interval }]
  })
}

function emailOf ({ state }: SandboxContext, customer: string | { id: string } | null): string | null {
  return customer === null ? null : state.customers.get(idOf(customer))?.email ?? null
}
