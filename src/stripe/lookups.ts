import Stripe from 'stripe'

/** What the interpretation of an event may ask of Stripe's API, when neither event nor ledger tells. */
export interface StripeLookups {
  subscription (id: string): Promise<Stripe.Subscription | undefined>
  price (id: string): Promise<Stripe.Price | undefined>
  /** The prices that were bought through a Checkout Session. */
  pricesOfSession (sessionId: string): Promise<Stripe.Price[]>
  /** The Checkout Session that made this subscription. */
  sessionOfSubscription (subscriptionId: string): Promise<Stripe.Checkout.Session | undefined>
  /** The subscription's paid invoices. */
  paidInvoices (subscriptionId: string): Promise<Array<Pick<Stripe.Invoice, 'id' | 'created' | 'amount_paid'>>>
  /** What of an invoice was paid outside of Stripe, in the currency's smallest unit. */
  paidOffStripe (invoiceId: string): Promise<number>
  /** Id of the invoice that this payment intent paid. */
  invoiceOfPaymentIntent (paymentIntentId: string): Promise<string | undefined>
  /** All refunds of a payment, newest first. */
  refunds (paymentIntentId: string): Promise<Stripe.Refund[]>
  /** All disputes of a payment, newest first. */
  disputes (paymentIntentId: string): Promise<Stripe.Dispute[]>
}

/** No subscription of ours has more invoices, no payment more refunds. */
const MAX_LISTED = 1_000

export function stripeLookups (stripe: Stripe): StripeLookups {
  return {
    subscription: id => unlessMissing(() => stripe.subscriptions.retrieve(id)),
    price: id => unlessMissing(() => stripe.prices.retrieve(id)),
    async pricesOfSession (id) {
      const items = await unlessMissing(() => stripe.checkout.sessions.listLineItems(id, { limit: 100 }))
      return items?.data.flatMap(({ price }) => price ?? []) ?? []
    },
    async sessionOfSubscription (subscription) {
      const { data } = await stripe.checkout.sessions.list({ subscription, limit: 1 })
      return data[0]
    },
    paidInvoices: subscription => stripe.invoices.list({ subscription, status: 'paid', limit: 100 }).autoPagingToArray({ limit: MAX_LISTED }),
    async paidOffStripe (id) {
      // Not in event payloads: https://docs.stripe.com/changelog/dahlia/2026-05-27/invoice-object-amount-paid-off-stripe-property
      const invoice = await unlessMissing(() => stripe.invoices.retrieve(id, { expand: ['amount_paid_off_stripe'] }))
      return invoice?.amount_paid_off_stripe ?? 0
    },
    async invoiceOfPaymentIntent (paymentIntent) {
      const payments = await unlessMissing(() => stripe.invoicePayments.list({
        payment: { type: 'payment_intent', payment_intent: paymentIntent }, limit: 1
      }))
      const invoice = payments?.data[0]?.invoice
      return typeof invoice === 'string' ? invoice : invoice?.id
    },
    async refunds (paymentIntent) {
      return await unlessMissing(() => stripe.refunds.list({ payment_intent: paymentIntent, limit: 100 }).autoPagingToArray({ limit: MAX_LISTED })) ?? []
    },
    async disputes (paymentIntent) {
      const disputes = await unlessMissing(() => stripe.disputes.list({ payment_intent: paymentIntent, limit: 100 }))
      return disputes?.data ?? []
    }
  }
}

/** What Stripe answers; undefined when there is no such object. */
export async function unlessMissing<T> (ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') return undefined
    throw error
  }
}

/** Says that an answer of Stripe is needed which is not at hand yet. */
export class LookupNeeded extends Error {
  override name = 'LookupNeeded'
  readonly fetch: () => Promise<void>
  constructor (fetch: () => Promise<void>) {
    super('An answer of Stripe is needed')
    this.fetch = fetch
  }
}

/**
 * Lookups that answer only from `known`, and otherwise throw `LookupNeeded`: so that no database
 * transaction is kept open while Stripe is asked.
 */
export function knownLookups (lookups: StripeLookups, known: Map<string, unknown>): StripeLookups {
  function answered<T> (name: string, ask: (id: string) => Promise<T>) {
    return async (id: string): Promise<T> => {
      const key = `${name} ${id}`
      if (!known.has(key)) throw new LookupNeeded(async () => { known.set(key, await ask(id)) })
      return known.get(key) as T
    }
  }
  return {
    subscription: answered('subscription', lookups.subscription),
    price: answered('price', lookups.price),
    pricesOfSession: answered('prices of session', lookups.pricesOfSession),
    sessionOfSubscription: answered('session of subscription', lookups.sessionOfSubscription),
    paidInvoices: answered('paid invoices of subscription', lookups.paidInvoices),
    paidOffStripe: answered('paid off Stripe of invoice', lookups.paidOffStripe),
    invoiceOfPaymentIntent: answered('invoice of payment intent', lookups.invoiceOfPaymentIntent),
    refunds: answered('refunds of payment intent', lookups.refunds),
    disputes: answered('disputes of payment intent', lookups.disputes)
  }
}
