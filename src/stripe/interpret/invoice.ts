import type Stripe from 'stripe'
import { objectsOfSession, saleOfSession } from './checkout-session.js'
import { customerInMetadata, customerOfQuote, customerOfSession, customerOfSubscription, customerReferredBy, isOtherProgram, referencesTo } from './customer.js'
import type { FoundCustomer, Whose } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import { amountsOfInvoice } from './invoice-amounts.js'
import {
  billingInterval, idOf, idsOf, intervalOfInvoice, intervalOfSubscription, paymentIntentsOfInvoice, priceOfInvoice, quoteOfInvoice,
  subscriptionMetadata, subscriptionOfInvoice, timeOf
} from './objects.js'
import type { AnyInvoice, BillingInterval } from './objects.js'
import { productOfInvoice } from './product.js'
import { referencesToSale, saleFact } from './sale.js'
import type { CountedAmount } from './sale.js'
import { findTwin, isFirstPayment } from './twin.js'
import type { Twin } from './twin.js'

/**
 * `invoice.paid` and `invoice.payment_succeeded`: a payment for a subscription, for a quote, or one that carries our
 * metadata. One that was made by a Checkout Session is that session's twin, and counted as the session.
 */
export const interpretInvoice: Interpreter<AnyInvoice> = async (invoice, context, event) => {
  return await interpretPaidInvoice(invoice, { paidAt: timeOf(event.created), payer: undefined }, context)
}

/**
 * @param payment `payer`: the customer that the payment itself named; `paidAt`: when it was paid
 */
export async function interpretPaidInvoice (
  invoice: AnyInvoice, { paidAt, payer }: { paidAt: Date, payer: FoundCustomer | undefined }, context: InterpretContext
): Promise<Interpretation> {
  const subscription = subscriptionOfInvoice(invoice)
  if (isOtherProgram(subscriptionMetadata(invoice), context) || isOtherProgram(invoice.metadata, context)) return ignored('other_program')
  if (invoice.billing_reason === 'subscription_update' && !context.settings.countUpgrades) return ignored('upgrade_not_counted')

  const mayBeOurs = subscription !== undefined || quoteOfInvoice(invoice) !== undefined
  if (!mayBeOurs && payer === undefined && customerToldBy(invoice) === undefined) return ignored('no_metadata')

  const { counted, outOfBandCents } = await amountsOfInvoice(invoice, context)
  if (counted.amountCents <= 0) return ignored(outOfBandCents > 0 ? 'out_of_band_not_counted' : 'zero_amount')

  const twin = await findTwin(invoice, subscription, context)
  if (isOtherProgram(twin?.session?.metadata, context)) return ignored('other_program')
  const customer = payer ?? await findCustomer(invoice, subscription, twin?.session, paidAt, context)
  if (customer === 'other_program') return ignored('other_program')
  if (customer === undefined) return ignored('no_customer', { waitingFor: idsOf(invoice.customer, subscription) })
  return await interpretPayment(invoice, { subscription, customer, twin, counted }, context)
}

interface InvoicePayment {
  subscription: string | undefined
  customer: FoundCustomer
  twin: Twin | undefined
  counted: CountedAmount
}

async function interpretPayment (invoice: AnyInvoice, { subscription, customer, twin, counted }: InvoicePayment, context: InterpretContext): Promise<Interpretation> {
  const sale = saleFact({
    transactionId: invoice.id,
    customer,
    occurredAt: timeOf(invoice.created),
    ...counted,
    currency: invoice.currency,
    isRecurring: twin === undefined && await hasEarlierPayment(invoice, subscription, context),
    subscriptionId: subscription,
    subscriptionInterval: subscription === undefined ? undefined : await findInterval(invoice, subscription, context),
    bought: await productOfInvoice(invoice, context),
    ...(twin !== undefined && { skipped: 'twin_of_session' as const })
  }, context)
  // The session's own event may never come, name nobody, or say that nothing is paid yet.
  const facts = twin?.session === undefined ? [sale] : [await saleOfSession(twin.session, customer, counted, context), sale]
  return interpreted(facts, {
    customerReferences: referencesTo(customer, { subscription, customer: invoice.customer, livemode: invoice.livemode, created: invoice.created }),
    saleReferences: referencesToSale(twin?.id ?? invoice.id, [
      invoice.id, ...idsOf(subscription), ...paymentIntentsOfInvoice(invoice), ...(twin?.session === undefined ? [] : objectsOfSession(twin.session))
    ])
  })
}

/** `invoice_payment.paid`: since Basil this alone tells which payment intents paid an invoice. */
export const interpretInvoicePayment: Interpreter<Stripe.InvoicePayment> = async payment => {
  const invoice = idOf(payment.invoice)
  const paymentIntent = idOf(payment.payment.payment_intent)
  const joined = invoice !== undefined && paymentIntent !== undefined
  return ignored('joins_payment', { saleReferences: joined ? referencesToSale(invoice, [paymentIntent]) : [] })
}

function customerToldBy (invoice: AnyInvoice): FoundCustomer | undefined {
  return customerInMetadata(subscriptionMetadata(invoice)) ?? customerInMetadata(invoice.metadata)
}

/**
 * Our metadata, then what the subscription is known by, here and at Stripe, and last the Stripe customer: it may be known to
 * us, and the subscription be another program's.
 */
async function findCustomer (
  invoice: AnyInvoice, subscription: string | undefined, session: Stripe.Checkout.Session | undefined, paidAt: Date, context: InterpretContext
): Promise<Whose> {
  return customerInMetadata(session?.metadata) ?? customerToldBy(invoice) ?? await customerOfQuote(quoteOfInvoice(invoice), context) ??
    await customerReferredBy(idsOf(subscription), paidAt, context) ?? await customerOfSubscription(subscription, context) ??
    await customerByMaker(subscription, session, paidAt, context) ?? await customerReferredBy(idsOf(invoice.customer), paidAt, context)
}

/** Whose the Checkout Session is that made the subscription. */
async function customerByMaker (
  subscription: string | undefined, session: Stripe.Checkout.Session | undefined, paidAt: Date, context: InterpretContext
): Promise<Whose> {
  const maker = session ?? (subscription === undefined ? undefined : await context.stripe.sessionOfSubscription(subscription))
  if (maker === undefined) return undefined
  return isOtherProgram(maker.metadata, context) ? 'other_program' : await customerOfSession(maker, paidAt, context)
}

/** By the price that was billed: the subscription's own may have changed by the time that this is asked. */
async function findInterval (invoice: AnyInvoice, subscription: string, context: InterpretContext): Promise<BillingInterval | undefined> {
  const told = intervalOfInvoice(invoice)
  const price = priceOfInvoice(invoice)
  if (told !== undefined || price === undefined) return told ?? intervalOfSubscription(await context.stripe.subscription(subscription))
  return billingInterval((await context.stripe.price(price))?.recurring)
}

/**
 * Whether the subscription was paid for before: the first paid invoice after a trial is a "cycle" too. Stripe is
 * asked when the ledger knows of none, as the earlier payment's event may still be on its way.
 */
async function hasEarlierPayment (invoice: AnyInvoice, subscription: string | undefined, context: InterpretContext): Promise<boolean> {
  if (subscription === undefined || isFirstPayment(invoice)) return false
  if (await context.ledger.hasEarlierSale(subscription, timeOf(invoice.created), invoice.id)) return true
  const invoices = await context.stripe.paidInvoices(subscription)
  return invoices.some(earlier => earlier.id !== invoice.id && earlier.created <= invoice.created && earlier.amount_paid > 0)
}
