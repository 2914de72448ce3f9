import type Stripe from 'stripe'
import type { InterpretContext } from './interpretation.js'
import { paymentIntentsOfInvoice } from './objects.js'
import type { AnyInvoice } from './objects.js'

/** What an invoice is counted as instead: mostly its Checkout Session. */
export interface Twin {
  id: string
  /** Set when its sale is not in the ledger. */
  session?: Stripe.Checkout.Session
}

/** The Checkout Session that this invoice was made by, whichever of the two arrives first. */
export async function findTwin (invoice: AnyInvoice, subscription: string | undefined, context: InterpretContext): Promise<Twin | undefined> {
  if (subscription !== undefined && !isFirstPayment(invoice)) return undefined
  const known = await context.ledger.saleReferredBy([invoice.id, ...paymentIntentsOfInvoice(invoice)])
  if (known === invoice.id) return undefined
  if (known !== undefined && await context.ledger.sale(known) !== undefined) return { id: known }
  const session = known === undefined ? await sessionOf(invoice, subscription, context) : await context.stripe.session(known)
  return session && { id: session.id, session }
}

async function sessionOf (invoice: AnyInvoice, subscription: string | undefined, { stripe }: InterpretContext): Promise<Stripe.Checkout.Session | undefined> {
  if (subscription !== undefined) return await stripe.sessionOfSubscription(subscription)
  for (const paymentIntent of await stripe.paymentIntentsOfInvoice(invoice.id)) {
    const session = await stripe.sessionOfPaymentIntent(paymentIntent)
    if (session !== undefined) return session
  }
  return undefined
}

/** The first of a subscription: https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason */
export function isFirstPayment ({ billing_reason: reason }: AnyInvoice): boolean {
  return reason === 'subscription_create' || reason === 'quote_accept'
}
