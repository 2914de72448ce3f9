import type { SaleReference } from '../../ledger/facts.js'
import type { KnownCustomer } from '../../ledger/lookups.js'
import { customerInMetadata, isOtherProgram, referencesTo } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { InterpretContext, Interpreter } from './interpretation.js'
import { idOf, intervalOfInvoice, intervalOfSubscription, paymentIntentsOfInvoice, subscriptionMetadata, subscriptionOfInvoice } from './objects.js'
import type { AnyInvoice } from './objects.js'
import { saleFact } from './sale.js'

/**
 * `invoice.paid`: a renewal is a sale; the invoice of a Checkout Session is its twin, and counted as the session.
 * https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason
 */
export const interpretInvoice: Interpreter<AnyInvoice> = async (invoice, context) => {
  const metadata = subscriptionMetadata(invoice)
  if (isOtherProgram(metadata, context)) return ignored('other_program')
  if (invoice.amount_paid <= 0) return ignored('zero_amount')

  const subscription = subscriptionOfInvoice(invoice)
  const customer = await findCustomer(invoice, subscription, context)
  if (customer === undefined) return ignored('no_customer')
  const customerReferences = referencesTo(customer, [idOf(invoice.customer), subscription], invoice.livemode)
  const payment = {
    transactionId: invoice.id,
    customer,
    amountCents: invoice.amount_paid,
    currency: invoice.currency,
    isRecurring: false,
    subscriptionId: subscription
  }

  const session = await twinSession(invoice, subscription, context)
  if (session !== undefined) {
    const twin = saleFact({ ...payment, subscriptionInterval: intervalOfInvoice(invoice), skipped: 'twin_of_session' }, context)
    return interpreted([twin], { customerReferences, saleReferences: references(invoice, subscription, session) })
  }
  if (subscription === undefined || !['subscription_create', 'subscription_cycle'].includes(invoice.billing_reason ?? '')) {
    return ignored('other_billing_reason', { customerReferences })
  }
  const sale = saleFact({
    ...payment,
    // The first paid invoice after a trial is a "cycle" too, so the reason alone does not tell.
    isRecurring: await context.ledger.hasOtherSale(subscription, invoice.id),
    subscriptionInterval: intervalOfInvoice(invoice) ?? intervalOfSubscription(await context.stripe.subscription(subscription))
  }, context)
  return interpreted([sale], { customerReferences, saleReferences: references(invoice, subscription, invoice.id) })
}

function references (invoice: AnyInvoice, subscription: string | undefined, saleTransactionId: string): SaleReference[] {
  return [invoice.id, subscription, ...paymentIntentsOfInvoice(invoice)]
    .filter(id => id !== undefined).map(reference => ({ reference, saleTransactionId }))
}

/** Our metadata, then what the ledger learned, then the subscription at Stripe. */
async function findCustomer (invoice: AnyInvoice, subscription: string | undefined, context: InterpretContext): Promise<KnownCustomer | undefined> {
  return customerInMetadata(subscriptionMetadata(invoice)) ?? customerInMetadata(invoice.metadata) ??
    await context.ledger.customerReferredBy([subscription, idOf(invoice.customer)].filter(id => id !== undefined)) ??
    (subscription === undefined ? undefined : customerInMetadata((await context.stripe.subscription(subscription))?.metadata))
}

/** Id of the Checkout Session that this invoice was made by, whichever of the two arrives first. */
async function twinSession (invoice: AnyInvoice, subscription: string | undefined, context: InterpretContext): Promise<string | undefined> {
  const known = await context.ledger.saleReferredBy([invoice.id])
  if (known !== undefined && known !== invoice.id) return known
  if (invoice.billing_reason !== 'subscription_create' || subscription === undefined) return undefined
  return (await context.stripe.sessionOfSubscription(subscription))?.id
}
