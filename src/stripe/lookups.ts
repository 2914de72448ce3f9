import type Stripe from 'stripe'
import { isStripeError } from '../stripe-error.js'
import { STRIPE_API_VERSION } from './api-version.js'

/** What the interpretation of an event may ask of Stripe's API, when neither event nor ledger tells. */
export interface StripeLookups {
  subscription (id: string): Promise<Stripe.Subscription | undefined>
  price (id: string): Promise<Stripe.Price | undefined>
  quote (id: string): Promise<Stripe.Quote | undefined>
  creditNote (id: string): Promise<Stripe.CreditNote | undefined>
  charge (id: string): Promise<Stripe.Charge | undefined>
  paymentIntent (id: string): Promise<Stripe.PaymentIntent | undefined>
  /** With what of it was paid outside of Stripe, in the currency's smallest unit. */
  invoice (id: string): Promise<Stripe.Invoice | undefined>
  /** With its invoice and the first ten of what was bought. */
  session (id: string): Promise<Stripe.Checkout.Session | undefined>
  /** All that was bought by a Checkout Session. */
  sessionLines (id: string): Promise<Stripe.LineItem[]>
  /** All lines of an invoice. */
  invoiceLines (id: string): Promise<Stripe.InvoiceLineItem[]>
  /** The Checkout Session that made this subscription. */
  sessionOfSubscription (subscriptionId: string): Promise<Stripe.Checkout.Session | undefined>
  /** The Checkout Session that this payment intent paid. */
  sessionOfPaymentIntent (paymentIntentId: string): Promise<Stripe.Checkout.Session | undefined>
  /** The subscription's paid invoices. */
  paidInvoices (subscriptionId: string): Promise<Array<Pick<Stripe.Invoice, 'id' | 'created' | 'amount_paid'>>>
  /** Id of the invoice that this payment intent paid. */
  invoiceOfPaymentIntent (paymentIntentId: string): Promise<string | undefined>
  /** Ids of the payment intents that paid an invoice, or were to. */
  paymentIntentsOfInvoice (invoiceId: string): Promise<string[]>
  /** All refunds of a payment, newest first. */
  refunds (paymentIntentId: string): Promise<Stripe.Refund[]>
  /** All disputes of a payment, newest first. */
  disputes (paymentIntentId: string): Promise<Stripe.Dispute[]>
}

/** No subscription of ours has more invoices, no payment more refunds, nothing that is bought more lines. */
const MAX_LISTED = 1_000

/** @param stripeAccount the connected account that is asked, `acct_`; absent: our own */
export function stripeLookups (stripe: Stripe, stripeAccount?: string): StripeLookups {
  const as = { apiVersion: STRIPE_API_VERSION, ...(stripeAccount !== undefined && { stripeAccount }) }
  /** Not by `stripe.invoicePayments`, which packages before 18.1 lack. */
  const invoicePayments = (query: Record<string, string>) => unlessMissing(async () =>
    await stripe.rawRequest('GET', `/v1/invoice_payments?${new URLSearchParams(query)}`, undefined, as) as Stripe.ApiList<Stripe.InvoicePayment>)
  return {
    subscription: id => unlessMissing(() => stripe.subscriptions.retrieve(id, {}, as)),
    price: id => unlessMissing(() => stripe.prices.retrieve(id, {}, as)),
    quote: id => unlessMissing(() => stripe.quotes.retrieve(id, {}, as)),
    creditNote: id => unlessMissing(() => stripe.creditNotes.retrieve(id, {}, as)),
    charge: id => unlessMissing(() => stripe.charges.retrieve(id, {}, as)),
    paymentIntent: id => unlessMissing(() => stripe.paymentIntents.retrieve(id, {}, as)),
    // Not in event payloads: https://docs.stripe.com/changelog/dahlia/2026-05-27/invoice-object-amount-paid-off-stripe-property
    invoice: id => unlessMissing(() => stripe.invoices.retrieve(id, { expand: ['amount_paid_off_stripe'] }, as)),
    session: id => unlessMissing(() => stripe.checkout.sessions.retrieve(id, { expand: ['line_items', 'invoice', 'invoice.amount_paid_off_stripe'] }, as)),
    async sessionLines (id) {
      return await unlessMissing(() => stripe.checkout.sessions.listLineItems(id, { limit: 100 }, as).autoPagingToArray({ limit: MAX_LISTED })) ?? []
    },
    async invoiceLines (id) {
      return await unlessMissing(() => stripe.invoices.listLineItems(id, { limit: 100 }, as).autoPagingToArray({ limit: MAX_LISTED })) ?? []
    },
    async sessionOfSubscription (subscription) {
      const { data } = await stripe.checkout.sessions.list({ subscription, limit: 1 }, as)
      return data[0]
    },
    async sessionOfPaymentIntent (paymentIntent) {
      const sessions = await unlessMissing(() => stripe.checkout.sessions.list({ payment_intent: paymentIntent, limit: 1 }, as))
      return sessions?.data[0]
    },
    paidInvoices: subscription => stripe.invoices.list({ subscription, status: 'paid', limit: 100 }, as).autoPagingToArray({ limit: MAX_LISTED }),
    async invoiceOfPaymentIntent (paymentIntent) {
      const payments = await invoicePayments({ 'payment[type]': 'payment_intent', 'payment[payment_intent]': paymentIntent, limit: '1' })
      const invoice = payments?.data[0]?.invoice
      return typeof invoice === 'string' ? invoice : invoice?.id
    },
    async paymentIntentsOfInvoice (invoice) {
      const payments = await invoicePayments({ invoice, limit: '100' })
      return payments?.data.flatMap(({ payment: { payment_intent: intent } }) => (typeof intent === 'string' ? intent : intent?.id) ?? []) ?? []
    },
    async refunds (paymentIntent) {
      return await unlessMissing(() => stripe.refunds.list({ payment_intent: paymentIntent, limit: 100 }, as).autoPagingToArray({ limit: MAX_LISTED })) ?? []
    },
    async disputes (paymentIntent) {
      const disputes = await unlessMissing(() => stripe.disputes.list({ payment_intent: paymentIntent, limit: 100 }, as))
      return disputes?.data ?? []
    }
  }
}

/** What Stripe answers; undefined when there is no such object. */
export async function unlessMissing<T> (ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (isStripeError(error, 'StripeInvalidRequestError') && error.code === 'resource_missing') return undefined
    throw error
  }
}

/** Says that an answer of Stripe is needed which is not at hand yet. */
export class LookupNeeded extends Error {
  override name = 'LookupNeeded'
  readonly lookup: keyof StripeLookups
  readonly id: string
  constructor (lookup: keyof StripeLookups, id: string) {
    super('An answer of Stripe is needed')
    this.lookup = lookup
    this.id = id
  }
}

/** Most prices that are remembered. */
const MOST_PRICES = 10_000

/**
 * Prices that Stripe was asked for, by account: how often one bills, which is all that is read of it, cannot be changed
 * there. https://docs.stripe.com/api/prices/update
 */
export class KnownPrices {
  readonly #prices = new Map<string, unknown>()

  get (key: string): unknown {
    return this.#prices.get(key)
  }

  set (key: string, price: unknown): void {
    if (this.#prices.size >= MOST_PRICES) this.#prices.clear()
    this.#prices.set(key, price)
  }
}

/** Answers that were asked for ahead; see `LookupNeeded`. */
export class KnownAnswers {
  readonly #lookups: StripeLookups
  readonly #prices: KnownPrices
  readonly #account: string
  readonly #answers = new Map<string, unknown>()
  /** @param account whose objects these are; absent: our own */
  constructor (lookups: StripeLookups, prices: KnownPrices, account = '') {
    this.#lookups = lookups
    this.#prices = prices
    this.#account = account
  }

  /** Asks Stripe, and keeps the answer. */
  async fetch ({ lookup, id }: { lookup: keyof StripeLookups, id: string }): Promise<void> {
    const answer = await this.#lookups[lookup](id)
    this.#answers.set(`${lookup} ${id}`, answer)
    if (lookup === 'price' && answer !== undefined) this.#prices.set(`${this.#account} ${id}`, answer)
  }

  /**
   * Lookups that answer only with what was fetched, and otherwise throw `LookupNeeded`: so that no database transaction
   * is kept open while Stripe is asked.
   */
  lookups (): StripeLookups {
    const names = Object.keys(this.#lookups) as Array<keyof StripeLookups>
    return Object.fromEntries(names.map(lookup => [lookup, async (id: string) => {
      const key = `${lookup} ${id}`
      const price = lookup === 'price' ? this.#prices.get(`${this.#account} ${id}`) : undefined
      if (price === undefined && !this.#answers.has(key)) throw new LookupNeeded(lookup, id)
      return price ?? this.#answers.get(key)
    }])) as unknown as StripeLookups
  }
}
