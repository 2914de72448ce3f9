import type Stripe from 'stripe'
import { customerInMetadata, customerOfSession, isOtherProgram, referencesTo } from './customer.js'
import type { FoundCustomer } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter, InterpretSettings, Question } from './interpretation.js'
import { amountsOfInvoice } from './invoice-amounts.js'
import { billingInterval, idOf, idsOf, intervalOfSubscription, timeOf } from './objects.js'
import type { BillingInterval } from './objects.js'
import { isProductSent, productOfSession } from './product.js'
import { countedAmount, referencesToSale, saleFact } from './sale.js'
import type { CountedAmount } from './sale.js'

type Session = Stripe.Checkout.Session
type Learned = Pick<Interpretation, 'customerReferences' | 'saleReferences'> & { customerKey: string }

/**
 * `checkout.session.completed` and `checkout.session.async_payment_succeeded`: the first payment.
 * A session that is not paid yet (bank debit) comes again by the second event once the payment clears; one whose
 * payment is captured later does not, so its payment intent tells.
 * https://docs.stripe.com/payments/checkout/fulfill-orders
 */
export const interpretCheckoutSession: Interpreter<Session> = async (session, context, event) => {
  return await interpretSession(session, context, event, async (customer, learned) => {
    if (session.payment_status === 'no_payment_required') return ignored('zero_amount', learned)
    const amounts = session.payment_status === 'unpaid'
      ? await capturedAmount(session, context)
      : await paidAmount(session, context)
    if (amounts === undefined) return ignored('unpaid', learned)
    if (amounts.amountCents <= 0) return ignored('zero_amount', learned)

    const counted = await countedOtherwise(session, context)
    if (counted !== undefined) return ignored('already_counted', { ...learned, saleReferences: referencesToSale(counted, objectsOfSession(session)) })
    return interpreted([await saleOfSession(session, customer, amounts, context)], learned)
  })
}

/** The invoice and what was bought of a session of ours; of those without our metadata most are another shop's. */
export function questionsOfSession (session: Session, settings: InterpretSettings): Question[] {
  const isNeeded = session.mode === 'subscription' || (session.mode === 'payment' && isProductSent(settings))
  const asks = session.payment_status === 'paid' && isNeeded && customerInMetadata(session.metadata) !== undefined
  return asks ? [{ lookup: 'session', id: session.id }] : []
}

/** `checkout.session.async_payment_failed`: the bank debit did not clear. */
export const interpretFailedCheckoutSession: Interpreter<Session> = async (session, context, event) => {
  return await interpretSession(session, context, event, async (_customer, learned) => ignored('payment_failed', learned))
}

/** What every session event has in common: whose it is, and which Stripe objects belong to it. */
async function interpretSession (
  session: Session, context: InterpretContext, event: Stripe.Event, decide: (customer: FoundCustomer, learned: Learned) => Promise<Interpretation>
): Promise<Interpretation> {
  if (isOtherProgram(session.metadata, context)) return ignored('other_program')
  if (session.mode === 'setup') return ignored('not_a_payment')
  const customer = await customerOfSession(session, timeOf(event.created), context)
  if (customer === 'other_program') return ignored('other_program')
  if (customer === undefined) return ignored('no_customer', { waitingFor: idsOf(session.customer, session.subscription) })
  return await decide(customer, {
    customerKey: customer.customerKey,
    customerReferences: referencesTo(customer, {
      subscription: idOf(session.subscription),
      customer: session.customer,
      livemode: session.livemode,
      created: session.created,
      isOwnSession: customerInMetadata(session.metadata) !== undefined && event.account === undefined
    }),
    saleReferences: referencesToSale(session.id, objectsOfSession(session))
  })
}

/** The sale that a session is, whichever event of the payment tells of it first. */
export async function saleOfSession (session: Session, customer: FoundCustomer, amounts: CountedAmount, context: InterpretContext) {
  const subscription = idOf(session.subscription)
  return saleFact({
    transactionId: session.id,
    customer,
    occurredAt: timeOf(session.created),
    ...amounts,
    currency: session.currency ?? '',
    isRecurring: false,
    subscriptionId: subscription,
    subscriptionInterval: subscription === undefined ? undefined : await intervalOfSession(session.id, subscription, context),
    bought: await productOfSession(session.id, context)
  }, context)
}

/** The Stripe objects by which a later event finds this payment's sale. */
export function objectsOfSession (session: Session): string[] {
  return idsOf(session.id, session.invoice, session.payment_intent, session.subscription)
}

/** What a session's tax is of `paidCents`, which may be a part of its total. */
export function amountsOfSession (session: Session, paidCents: number, context: InterpretContext): CountedAmount {
  return countedAmount(paidCents, session.total_details?.amount_tax ?? 0, context, session.amount_total ?? paidCents)
}

/**
 * What was paid. A session's total does not show what the customer's balance with the shop covered; its invoice does.
 * https://docs.stripe.com/billing/customer/balance
 */
async function paidAmount (session: Session, context: InterpretContext): Promise<CountedAmount> {
  const hasInvoice = session.mode === 'subscription' || session.invoice !== null
  const invoice = hasInvoice ? (await context.stripe.session(session.id))?.invoice : undefined
  return typeof invoice === 'object' && invoice?.status === 'paid'
    ? (await amountsOfInvoice(invoice, context)).counted
    : amountsOfSession(session, session.amount_total ?? 0, context)
}

/** What was captured of a payment that was only authorised at checkout; undefined while nothing was. */
async function capturedAmount (session: Session, context: InterpretContext): Promise<CountedAmount | undefined> {
  const id = idOf(session.payment_intent)
  const intent = id === undefined ? undefined : await context.stripe.paymentIntent(id)
  return intent?.status === 'succeeded' ? amountsOfSession(session, intent.amount_received, context) : undefined
}

/**
 * Transaction id of this payment's sale when that is its invoice or payment intent: Stripe did not name the session yet
 * when their event was interpreted.
 */
async function countedOtherwise (session: Session, { ledger }: InterpretContext): Promise<string | undefined> {
  for (const id of idsOf(session.invoice, session.payment_intent)) {
    const sale = await ledger.sale(id)
    if (sale !== undefined && sale.reason !== 'twin_of_session') return id
  }
  return undefined
}

/** By the price that was bought: the subscription's own may have changed by the time that this is asked. */
async function intervalOfSession (sessionId: string, subscription: string, context: InterpretContext): Promise<BillingInterval | undefined> {
  const bought = await context.stripe.session(sessionId)
  const prices = bought?.line_items?.data.flatMap(({ price }) => price?.recurring ?? [])
  return prices === undefined || prices.length === 0
    ? intervalOfSubscription(await context.stripe.subscription(subscription))
    : prices.map(billingInterval).find(interval => interval !== undefined)
}
