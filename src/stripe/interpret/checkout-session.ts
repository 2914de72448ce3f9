import type Stripe from 'stripe'
import type { SaleReference } from '../../ledger/facts.js'
import { customerInMetadata, isOtherProgram, referencesTo } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import { billingInterval, idOf, idsOf, timeOf } from './objects.js'
import type { BillingInterval } from './objects.js'
import { countedAmount, saleFact } from './sale.js'

type Session = Stripe.Checkout.Session

/**
 * `checkout.session.completed` and `checkout.session.async_payment_succeeded`: the first payment.
 * A session that is not paid yet (bank debit) comes again by the second event once the payment clears.
 * https://docs.stripe.com/payments/checkout/fulfill-orders
 */
export const interpretCheckoutSession: Interpreter<Session> = async (session, context) => {
  return await interpretSession(session, context, async (customer, learned) => {
    if (session.payment_status === 'unpaid') return ignored('unpaid', learned)
    const amounts = countedAmount(session.amount_total ?? 0, session.total_details?.amount_tax ?? 0, context)
    if (session.payment_status === 'no_payment_required' || amounts.amountCents <= 0) return ignored('zero_amount', learned)

    const invoice = await countedInvoice(session, context)
    if (invoice !== undefined) return ignored('already_counted', { ...learned, saleReferences: referencesOf(session, invoice) })

    const subscription = idOf(session.subscription)
    const sale = saleFact({
      transactionId: session.id,
      customer,
      occurredAt: timeOf(session.created),
      ...amounts,
      currency: session.currency ?? '',
      isRecurring: false,
      subscriptionId: subscription,
      subscriptionInterval: subscription === undefined ? undefined : await intervalOfSession(session, context)
    }, context)
    return interpreted([sale], learned)
  })
}

/** `checkout.session.async_payment_failed`: the bank debit did not clear. */
export const interpretFailedCheckoutSession: Interpreter<Session> = async (session, context) => {
  return await interpretSession(session, context, async (_customer, learned) => ignored('payment_failed', learned))
}

/**
 * Id of this payment's invoice when that is the sale: Stripe did not name the session yet when the invoice's event
 * was interpreted.
 */
async function countedInvoice (session: Session, context: InterpretContext): Promise<string | undefined> {
  const invoice = idOf(session.invoice)
  const sale = invoice === undefined ? undefined : await context.ledger.sale(invoice)
  return sale === undefined || sale.state === 'skipped' ? undefined : invoice
}

/** By the price that was bought: the subscription's own may have changed by the time that this is asked. */
async function intervalOfSession (session: Session, context: InterpretContext): Promise<BillingInterval | undefined> {
  const prices = await context.stripe.pricesOfSession(session.id)
  return prices.map(({ recurring }) => billingInterval(recurring)).find(interval => interval !== undefined)
}

/** The Stripe objects by which a later event finds this payment's sale. */
function referencesOf (session: Session, saleTransactionId: string): SaleReference[] {
  return idsOf(session.id, session.invoice, session.payment_intent, session.subscription).map(reference => ({ reference, saleTransactionId }))
}

type Learned = Pick<Interpretation, 'customerReferences' | 'saleReferences'> & { customerKey: string }
type Customer = NonNullable<ReturnType<typeof customerInMetadata>>

/** What every session event has in common: whose it is, and which Stripe objects belong to it. */
async function interpretSession (
  session: Session, context: InterpretContext, decide: (customer: Customer, learned: Learned) => Promise<Interpretation>
): Promise<Interpretation> {
  if (isOtherProgram(session.metadata, context)) return ignored('other_program')
  if (session.mode === 'setup') return ignored('not_a_payment')

  const owners = idsOf(session.subscription, session.customer)
  const since = timeOf(session.created)
  const customer = customerInMetadata(session.metadata, session.client_reference_id) ??
    await customerOfSubscription(session, context) ?? await context.ledger.customerReferredBy(owners, since)
  if (customer === undefined) return ignored('no_customer', { waitingFor: idOf(session.customer) ?? idOf(session.subscription) })

  return await decide(customer, {
    customerKey: customer.customerKey,
    customerReferences: referencesTo(customer, owners, { livemode: session.livemode, since }),
    saleReferences: referencesOf(session, session.id)
  })
}

/** The subscription may name the customer where the session does not. */
async function customerOfSubscription (session: Session, context: InterpretContext): Promise<Customer | undefined> {
  const id = idOf(session.subscription)
  const metadata = id === undefined ? undefined : (await context.stripe.subscription(id))?.metadata
  return isOtherProgram(metadata, context) ? undefined : customerInMetadata(metadata)
}
