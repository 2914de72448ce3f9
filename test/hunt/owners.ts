import type Stripe from 'stripe'
import type { StripeState } from '../../sandbox/stripe/index.js'
import { idOf, isAbout } from './payments.js'
import type { Payment } from './payments.js'

export const PROGRAM = '42'

/** Whose a Stripe customer or subscription is, and since when, in Stripe's seconds. */
type Bonds = Map<string, { key: string, since: number }>

/**
 * Whose each payment is. Our metadata tells, on whatever of the payment carries it. Without, it is known by its
 * subscription, then by its Stripe customer: one of ours from the first object on that named both. Last by the
 * `client_reference_id` of its session, if that is a customer's key. A single invoice and a payment of the app's own form
 * are known by metadata alone.
 * @param keys of the customers who signed up
 * @returns undefined for a payment that is nobody's of ours
 */
export function ownersOf (payments: Payment[], books: StripeState, keys: ReadonlySet<string>): Map<Payment, string | undefined> {
  const bonds: Bonds = new Map()
  for (const payment of payments) learnCustomer(bonds, payment)
  for (const session of completed(books)) learnCustomer(bonds, unpaid(session, books))
  let known = -1
  // A subscription is known by any payment of it, and its other payments by that.
  while (known !== bonds.size) {
    known = bonds.size
    for (const session of completed(books)) learnSubscription(bonds, { ...unpaid(session, books), paidAt: endOf(session, books) }, keys)
    for (const payment of payments) learnSubscription(bonds, payment, keys)
  }
  return new Map(payments.map(payment => [payment, ownerOf(payment, bonds, keys)]))
}

type Origin = Pick<Payment, 'session' | 'maker' | 'invoice' | 'intent' | 'subscription' | 'quote' | 'paidAt'>

function ownerOf (origin: Origin, bonds: Bonds, keys: ReadonlySet<string>): string | undefined {
  if (isOtherProgram(origin)) return undefined
  const { session, maker, subscription, quote, paidAt } = origin
  // What the shop charges by itself, by a single invoice or in its app, may be for anything.
  const mayBeOurs = session !== undefined || subscription !== undefined || quote !== undefined
  const known = !mayBeOurs ? undefined : [subscription?.id, customerOf(origin)].map(id => bonds.get(id ?? '')).find(bond => bond !== undefined && bond.since <= paidAt)
  const reference = (session ?? maker)?.client_reference_id ?? ''
  return named(origin) ?? known?.key ?? (keys.has(reference) ? reference : undefined)
}

function metadataOf ({ session, maker, invoice, intent, subscription, quote }: Origin): Stripe.Metadata[] {
  return [session, maker, subscription, invoice, intent, quote].map(one => one?.metadata ?? {})
}

function named (origin: Origin): string | undefined {
  return isOtherProgram(origin) ? undefined : metadataOf(origin).map(metadata => metadata.affitor_customer_key).find(key => key !== undefined)
}

function isOtherProgram (origin: Origin): boolean {
  return metadataOf(origin).some(({ program_id: program }) => program !== undefined && program !== PROGRAM)
}

function customerOf ({ session, invoice, intent }: Origin): string {
  return idOf(session?.customer) || idOf(invoice?.customer) || idOf(intent?.customer)
}

function createdAt ({ session, invoice, intent }: Origin): number {
  return Math.min(...[session, invoice, intent].map(one => one?.created ?? Infinity))
}

function learnCustomer (bonds: Bonds, origin: Origin): void {
  const key = named(origin)
  if (key !== undefined) learn(bonds, customerOf(origin), key, origin)
}

function learnSubscription (bonds: Bonds, origin: Origin, keys: ReadonlySet<string>): void {
  const key = origin.subscription && ownerOf(origin, bonds, keys)
  if (key !== undefined) learn(bonds, origin.subscription?.id ?? '', key, origin)
}

function learn (bonds: Bonds, id: string, key: string, origin: Origin): void {
  if (id === '') return
  bonds.set(id, { key, since: Math.min(createdAt(origin), bonds.get(id)?.since ?? Infinity) })
}

function completed (books: StripeState): Stripe.Checkout.Session[] {
  return [...books.sessions.values()].filter(({ status }) => status === 'complete')
}

/** A session as what a payment comes from, whether it is paid or not. */
function unpaid (session: Stripe.Checkout.Session, books: StripeState): Origin {
  return {
    session,
    maker: undefined,
    invoice: undefined,
    intent: books.paymentIntents.get(idOf(session.payment_intent)),
    subscription: books.subscriptions.get(idOf(session.subscription)),
    quote: undefined,
    paidAt: 0
  }
}

function endOf (session: Stripe.Checkout.Session, books: StripeState): number {
  return Math.max(...[...books.events.values()].filter(({ event }) => isAbout(event, [session.id])).map(({ event }) => event.created))
}
