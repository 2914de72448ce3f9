import type Stripe from 'stripe'
import { customerDetails, event, price, recurring } from '../../sandbox/stripe/objects/index.js'
import type { Book } from './book.js'
import { pick } from './random.js'
import type { Random } from './random.js'
import { paidInvoice, paidSession, refundOf } from './stripe-objects.js'
import type { Buyer } from './stripe-objects.js'

export interface Customer extends Buyer { email: string, subscription: string }

/** An event of Stripe's, and what the service owes once it has accepted it. */
export interface Happening {
  event: Stripe.Event
  accepted (book: Book): void
}

/** The stand-in's price, which the interpretation asks it for. */
const monthly = price({ id: 'price_sandbox_monthly', recurring: recurring('month'), unit_amount: 1900 })
const PAYMENT_CENTS = 4900
const RENEWAL_CENTS = 1900
/** A refund is of a sale at least so many sales back, so that it seldom comes before it. */
const SALES_BETWEEN = 50

/** Shares of the events. Those of `other` are of types that the service does not need, those of `unpaid` no sales yet. */
const SHARES = { payment: 0.35, renewal: 0.25, refund: 0.1, unpaid: 0.1, other: 0.2 }

/** Stripe's events of a shop in a steady state. */
export class Events {
  readonly #random: Random
  readonly #customers: readonly Customer[]
  readonly #refundable: Array<{ sale: string, paymentIntent: string }> = []

  /** @param customers may grow meanwhile */
  constructor (random: Random, customers: readonly Customer[]) {
    this.#random = random
    this.#customers = customers
  }

  next (): Happening {
    let left = this.#random()
    const kind = (Object.keys(SHARES) as Array<keyof typeof SHARES>).find(name => (left -= SHARES[name]) < 0) ?? 'other'
    const customer = pick(this.#random, this.#customers)
    if (kind === 'renewal') return this.#renewal(customer)
    if (kind === 'refund' && this.#refundable.length > SALES_BETWEEN) return this.#refund()
    if (kind === 'unpaid') return { event: event('checkout.session.completed', this.session(customer, { payment_status: 'unpaid' })), accepted () {} }
    if (kind === 'other') return { event: event('checkout.session.expired', this.session(customer, { status: 'expired' })), accepted () {} }
    return this.#payment(customer)
  }

  /** A completed Checkout Session of a customer. */
  session (customer: Customer, overrides: Partial<Stripe.Checkout.Session> = {}): Stripe.Checkout.Session {
    return paidSession(customer, {
      amount_subtotal: PAYMENT_CENTS, amount_total: PAYMENT_CENTS, customer_details: customerDetails({ email: customer.email }), ...overrides
    })
  }

  #payment (customer: Customer): Happening {
    const session = this.session(customer)
    return {
      event: event('checkout.session.completed', session),
      accepted: book => {
        book.sales.set(session.id, { customerKey: customer.userId, amountCents: PAYMENT_CENTS, currency: 'USD' })
        this.#refundable.push({ sale: session.id, paymentIntent: String(session.payment_intent) })
      }
    }
  }

  #renewal (customer: Customer): Happening {
    const { userId, subscription } = customer
    const paid = paidInvoice(customer, { subscription, amount: RENEWAL_CENTS, price: monthly }, { customer: `cus_${subscription.slice(-14)}` })
    return {
      event: event('invoice.paid', paid),
      accepted (book) { book.sales.set(paid.id, { customerKey: userId, amountCents: RENEWAL_CENTS, currency: 'USD' }) }
    }
  }

  #refund (): Happening {
    const { sale, paymentIntent } = this.#refundable.shift() as { sale: string, paymentIntent: string }
    const whole = refundOf(paymentIntent, PAYMENT_CENTS)
    return {
      event: event('refund.created', whole),
      accepted (book) { book.refunds.set(whole.id, { saleTransactionId: sale, amountCents: PAYMENT_CENTS }) }
    }
  }
}
