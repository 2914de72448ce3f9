import type Stripe from 'stripe'
import { newId, unixSeconds } from '../../sandbox/stripe/ids.js'
import {
  apiList, checkoutSession, customerDetails, event, invoice, invoiceLineItem, linePricing, price, recurring, refund,
  subscriptionLineParent, subscriptionParent
} from '../../sandbox/stripe/objects/index.js'
import type { Book } from '../harness/book.js'
import { pick } from '../harness/random.js'
import type { Random } from '../harness/random.js'

export interface Customer { userId: string, clickId: string | undefined, email: string, subscription: string }

/** An event of Stripe's, and what the service owes once it has accepted it. */
export interface Happening {
  event: Stripe.Event
  accepted (book: Book): void
}

/** The stand-in's price, which the interpretation asks it for. */
const monthly = price({ id: 'price_sandbox_monthly', recurring: recurring('month'), unit_amount: 1900 })
const PAYMENT_CENTS = 4900
/** A refund is of a sale at least so many sales back, so that it seldom comes before it. */
const SALES_BETWEEN = 50

/** Shares of the events. Those of `other` are of types that the service does not need, those of `unpaid` no sales yet. */
const SHARES = { payment: 0.35, renewal: 0.25, refund: 0.1, unpaid: 0.1, other: 0.2 }

/** Stripe's events of a shop in a steady state. */
export class Events {
  readonly #random: Random
  readonly #programId: string
  readonly #customers: readonly Customer[]
  readonly #refundable: Array<{ sale: string, paymentIntent: string }> = []

  /** @param customers may grow meanwhile */
  constructor (random: Random, programId: string, customers: readonly Customer[]) {
    this.#random = random
    this.#programId = programId
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
  session ({ userId, email, clickId }: Customer, overrides: Partial<Stripe.Checkout.Session> = {}): Stripe.Checkout.Session {
    return checkoutSession({
      amount_subtotal: PAYMENT_CENTS,
      amount_total: PAYMENT_CENTS,
      client_reference_id: userId,
      customer_details: customerDetails({ email }),
      metadata: this.#metadata(userId, clickId),
      payment_intent: newId('pi_3'),
      payment_status: 'paid',
      status: 'complete',
      success_url: 'https://shop.example/success',
      ...overrides
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

  #renewal ({ userId, clickId, subscription }: Customer): Happening {
    const id = newId('in_1')
    const amount = 1900
    const paidAt = unixSeconds()
    const metadata = this.#metadata(userId, clickId)
    const line = invoiceLineItem({
      amount, invoice: id, metadata, subscription, parent: subscriptionLineParent(subscription, newId('si_', 14)), pricing: linePricing(monthly)
    })
    const paid = invoice({
      id,
      amount_paid: amount,
      amount_remaining: 0,
      billing_reason: 'subscription_cycle',
      customer: `cus_${subscription.slice(-14)}`,
      lines: apiList(`/v1/invoices/${id}/lines`, [line]),
      parent: subscriptionParent(subscription, metadata),
      status: 'paid',
      status_transitions: { finalized_at: paidAt, marked_uncollectible_at: null, paid_at: paidAt, voided_at: null },
      total: amount
    })
    return {
      event: event('invoice.paid', paid),
      accepted (book) { book.sales.set(id, { customerKey: userId, amountCents: amount, currency: 'USD' }) }
    }
  }

  #refund (): Happening {
    const { sale, paymentIntent } = this.#refundable.shift() as { sale: string, paymentIntent: string }
    const whole = refund({ amount: PAYMENT_CENTS, charge: newId('ch_3'), payment_intent: paymentIntent, reason: 'requested_by_customer' })
    return {
      event: event('refund.created', whole),
      accepted (book) { book.refunds.set(whole.id, { saleTransactionId: sale, amountCents: PAYMENT_CENTS }) }
    }
  }

  #metadata (userId: string, clickId: string | undefined): Stripe.Metadata {
    return { affitor_customer_key: userId, program_id: this.#programId, ...(clickId === undefined ? {} : { affitor_click_id: clickId }) }
  }
}
