import type Stripe from 'stripe'
import type { KnownCustomer } from '../../ledger/lookups.js'
import { customerInMetadata, isOtherProgram, referencesTo } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import {
  billingInterval, idOf, idsOf, intervalOfInvoice, intervalOfSubscription, paymentIntentsOfInvoice, priceOfInvoice,
  subscriptionMetadata, subscriptionOfInvoice, taxOfInvoice, timeOf
} from './objects.js'
import type { AnyInvoice, BillingInterval } from './objects.js'
import { countedAmount, saleFact } from './sale.js'
import type { CountedAmount } from './sale.js'

/** https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason */
const COUNTED_BILLING_REASONS = ['subscription_create', 'subscription_cycle', 'subscription_update', 'subscription_threshold']

/**
 * `invoice.paid` and `invoice.payment_succeeded`: a payment for a subscription. The first invoice of one that
 * was made by a Checkout Session is that session's twin, and counted as the session.
 */
export const interpretInvoice: Interpreter<AnyInvoice> = async (invoice, context) => {
  const subscription = subscriptionOfInvoice(invoice)
  const reason = invoice.billing_reason ?? ''
  if (isOtherProgram(subscriptionMetadata(invoice), context)) return ignored('other_program')
  if (subscription === undefined || !COUNTED_BILLING_REASONS.includes(reason)) return ignored('other_billing_reason')
  if (reason === 'subscription_update' && !context.settings.countUpgrades) return ignored('upgrade_not_counted')

  const { paidCents, outOfBandCents } = await paidAmounts(invoice, context)
  const amounts = countedAmount(paidCents, taxOfInvoice(invoice), context, invoice.total)
  if (amounts.amountCents <= 0) return ignored(outOfBandCents > 0 ? 'out_of_band_not_counted' : 'zero_amount')

  const customer = await findCustomer(invoice, subscription, context)
  if (customer === undefined) return ignored('no_customer', { waitingFor: idOf(invoice.customer) ?? subscription })
  return await interpretPayment(invoice, subscription, customer, amounts, context)
}

async function interpretPayment (
  invoice: AnyInvoice, subscription: string, customer: KnownCustomer, amounts: CountedAmount, context: InterpretContext
): Promise<Interpretation> {
  const occurredAt = timeOf(invoice.created)
  const session = await twinSession(invoice, subscription, context)
  const payment = {
    customer,
    occurredAt,
    ...amounts,
    currency: invoice.currency,
    isRecurring: session === undefined && await hasEarlierPayment(invoice, subscription, context),
    subscriptionId: subscription,
    subscriptionInterval: await findInterval(invoice, subscription, context)
  }
  const facts = session === undefined
    ? [saleFact({ ...payment, transactionId: invoice.id }, context)]
    : [saleFact({ ...payment, transactionId: invoice.id, skipped: 'twin_of_session' }, context)]
  if (session !== undefined && await isLeftUnpaid(session, subscription, context)) {
    facts.push(saleFact({ ...payment, transactionId: session }, context))
  }
  return interpreted(facts, {
    customerReferences: referencesTo(customer, idsOf(invoice.customer, subscription), { livemode: invoice.livemode, since: occurredAt }),
    saleReferences: [invoice.id, subscription, ...paymentIntentsOfInvoice(invoice)]
      .map(reference => ({ reference, saleTransactionId: session ?? invoice.id }))
  })
}

/** `invoice_payment.paid`: since Basil this alone tells which payment intents paid an invoice. */
export const interpretInvoicePayment: Interpreter<Stripe.InvoicePayment> = async payment => {
  const invoice = idOf(payment.invoice)
  const paymentIntent = idOf(payment.payment.payment_intent)
  const joined = invoice !== undefined && paymentIntent !== undefined
  return ignored('joins_payment', { saleReferences: joined ? [{ reference: paymentIntent, saleTransactionId: invoice }] : [] })
}

/**
 * What was paid, and what of it outside of Stripe. Before Basil `amount_paid` left the latter out; since then it
 * is included, and only Stripe's API tells it apart.
 * https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
 */
async function paidAmounts (invoice: AnyInvoice, context: InterpretContext): Promise<{ paidCents: number, outOfBandCents: number }> {
  const counted = context.settings.countOutOfBandPayments
  if (invoice.paid_out_of_band === true) {
    return { paidCents: counted ? invoice.amount_due : invoice.amount_paid, outOfBandCents: invoice.amount_due - invoice.amount_paid }
  }
  if (counted || invoice.amount_paid <= 0) return { paidCents: invoice.amount_paid, outOfBandCents: 0 }
  const outOfBandCents = await context.stripe.paidOffStripe(invoice.id)
  return { paidCents: invoice.amount_paid - outOfBandCents, outOfBandCents }
}

/** Our metadata, then what the ledger learned, then the subscription and its session at Stripe. */
async function findCustomer (invoice: AnyInvoice, subscription: string, context: InterpretContext): Promise<KnownCustomer | undefined> {
  const told = customerInMetadata(subscriptionMetadata(invoice)) ?? customerInMetadata(invoice.metadata) ??
    await context.ledger.customerReferredBy(idsOf(subscription, invoice.customer), timeOf(invoice.created))
  if (told !== undefined) return told
  const found = customerInMetadata((await context.stripe.subscription(subscription))?.metadata)
  if (found !== undefined) return found
  const session = await context.stripe.sessionOfSubscription(subscription)
  return session === undefined || isOtherProgram(session.metadata, context)
    ? undefined
    : customerInMetadata(session.metadata, session.client_reference_id)
}

/** By the price that was billed: the subscription's own may have changed by the time that this is asked. */
async function findInterval (invoice: AnyInvoice, subscription: string, context: InterpretContext): Promise<BillingInterval | undefined> {
  const told = intervalOfInvoice(invoice)
  const price = priceOfInvoice(invoice)
  if (told !== undefined || price === undefined) return told ?? intervalOfSubscription(await context.stripe.subscription(subscription))
  return billingInterval((await context.stripe.price(price))?.recurring)
}

/** Id of the Checkout Session that this invoice was made by, whichever of the two arrives first. */
async function twinSession (invoice: AnyInvoice, subscription: string, context: InterpretContext): Promise<string | undefined> {
  if (invoice.billing_reason !== 'subscription_create') return undefined
  const known = await context.ledger.saleReferredBy([invoice.id])
  if (known !== undefined) return known === invoice.id ? undefined : known
  return (await context.stripe.sessionOfSubscription(subscription))?.id
}

/**
 * Whether the session's own events will not tell of this payment: after a bank debit that failed, the invoice can
 * still be paid by other means.
 */
async function isLeftUnpaid (session: string, subscription: string, context: InterpretContext): Promise<boolean> {
  if (await context.ledger.sale(session) !== undefined) return false
  return (await context.stripe.sessionOfSubscription(subscription))?.payment_status === 'unpaid'
}

/**
 * Whether the subscription was paid for before: the first paid invoice after a trial is a "cycle" too. Stripe is
 * asked when the ledger knows of none, as the earlier payment's event may still be on its way.
 */
async function hasEarlierPayment (invoice: AnyInvoice, subscription: string, context: InterpretContext): Promise<boolean> {
  if (invoice.billing_reason === 'subscription_create') return false
  if (await context.ledger.hasEarlierSale(subscription, timeOf(invoice.created), invoice.id)) return true
  const invoices = await context.stripe.paidInvoices(subscription)
  return invoices.some(earlier => earlier.id !== invoice.id && earlier.created <= invoice.created && earlier.amount_paid > 0)
}
