import type Stripe from 'stripe'
import type { StripeState } from '../../sandbox/stripe/index.js'

/** A payment as Stripe's books have it, with what it came from. */
export interface Payment {
  session: Stripe.Checkout.Session | undefined
  /** The one that the subscription was made by. */
  maker: Stripe.Checkout.Session | undefined
  invoice: Stripe.Invoice | undefined
  intent: Stripe.PaymentIntent | undefined
  subscription: Stripe.Subscription | undefined
  quote: Stripe.Quote | undefined
  /** Those that took the money. */
  charges: string[]
  /** In the currency's smallest unit. */
  paidCents: number
  /** What of it was paid outside of Stripe. */
  outsideCents: number
  /** What was billed, and the tax within it. */
  billedCents: number
  taxCents: number
  currency: string
  /** Stripe's seconds. */
  paidAt: number
}

const PAID_EVENTS = ['checkout.session.completed', 'checkout.session.async_payment_succeeded', 'invoice.paid', 'payment_intent.succeeded']

/** All that was paid: an invoice once, whatever it was paid with; what has no invoice by its charge. */
export function paymentsAtStripe (books: StripeState): Payment[] {
  const invoices = [...books.invoices.values()].filter(({ status, amount_paid: paid }) => status === 'paid' && paid > 0)
  const invoiced = new Set([...books.invoicePayments.values()].map(({ payment }) => idOf(payment.payment_intent)))
  const charges = [...books.charges.values()].filter(charge => charge.captured && !invoiced.has(idOf(charge.payment_intent)))
  return [...invoices.map(invoice => invoicePayment(books, invoice)), ...charges.map(charge => chargePayment(books, charge))]
}

function invoicePayment (books: StripeState, invoice: Stripe.Invoice): Payment {
  const parts = [...books.invoicePayments.values()].filter(part => idOf(part.invoice) === invoice.id && part.status === 'paid')
  const intents = parts.map(({ payment }) => books.paymentIntents.get(idOf(payment.payment_intent))).filter(intent => intent !== undefined)
  const session = [...books.sessions.values()].find(one => idOf(one.invoice) === invoice.id)
  const subscription = idOf(invoice.parent?.subscription_details?.subscription)
  return {
    session,
    maker: [...books.sessions.values()].find(one => subscription !== '' && idOf(one.subscription) === subscription),
    invoice,
    intent: intents[0],
    subscription: books.subscriptions.get(subscription),
    // One that makes a subscription tells by the subscription's metadata, as a session does.
    quote: [...books.quotes.values()].find(quote => idOf(quote.invoice) === invoice.id && quote.subscription === null),
    charges: intents.map(({ latest_charge: charge }) => idOf(charge)),
    paidCents: invoice.amount_paid,
    outsideCents: sum(parts.filter(({ payment }) => payment.type === 'payment_record').map(part => part.amount_paid ?? 0)),
    billedCents: invoice.total,
    taxCents: sum((invoice.total_taxes ?? []).map(({ amount }) => amount)),
    currency: invoice.currency.toUpperCase(),
    paidAt: paidAt(books, [session?.id, invoice.id])
  }
}

function chargePayment (books: StripeState, charge: Stripe.Charge): Payment {
  const intent = books.paymentIntents.get(idOf(charge.payment_intent))
  const session = [...books.sessions.values()].find(one => idOf(one.payment_intent) === intent?.id)
  return {
    session,
    maker: undefined,
    invoice: undefined,
    intent,
    subscription: undefined,
    quote: undefined,
    charges: [charge.id],
    paidCents: charge.amount_captured,
    outsideCents: 0,
    billedCents: session?.amount_total ?? charge.amount_captured,
    taxCents: session?.total_details?.amount_tax ?? 0,
    currency: charge.currency.toUpperCase(),
    paidAt: paidAt(books, [session?.id, intent?.id])
  }
}

function paidAt (books: StripeState, ids: Array<string | undefined>): number {
  const times = [...books.events.values()].filter(({ event }) => PAID_EVENTS.includes(event.type) && isAbout(event, ids)).map(({ event }) => event.created)
  return Math.max(...times)
}

export function isAbout ({ data }: Stripe.Event, ids: Array<string | undefined>): boolean {
  return 'id' in data.object && ids.includes(data.object.id)
}

/** The id of an object that may be expanded; '' when there is none. */
export function idOf (reference: string | { id: string } | null | undefined): string {
  return (typeof reference === 'string' ? reference : reference?.id) ?? ''
}

export function sum (numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
