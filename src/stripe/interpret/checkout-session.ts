import type Stripe from 'stripe'
import type { SaleFact } from '../../ledger/facts.js'
import { customerInMetadata, isOtherProgram, referencesTo } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { Interpreter } from './interpretation.js'
import { idOf, intervalOfSubscription } from './objects.js'
import { saleFact } from './sale.js'

/**
 * `checkout.session.completed` and `checkout.session.async_payment_succeeded`: the first payment.
 * A session that is not paid yet (bank debit) comes again by the second event once the payment clears.
 * https://docs.stripe.com/payments/checkout/fulfill-orders
 */
export const interpretCheckoutSession: Interpreter<Stripe.Checkout.Session> = async (session, context) => {
  if (isOtherProgram(session.metadata, context)) return ignored('other_program')
  if (session.mode === 'setup') return ignored('not_a_payment')

  const stripeCustomer = idOf(session.customer)
  const subscription = idOf(session.subscription)
  const customer = customerInMetadata(session.metadata, session.client_reference_id) ??
    await context.ledger.customerReferredBy([subscription, stripeCustomer].filter(id => id !== undefined))
  if (customer === undefined) return ignored('no_customer')

  const references = [session.id, idOf(session.invoice), idOf(session.payment_intent), subscription]
  const learned = {
    customerReferences: referencesTo(customer, [stripeCustomer, subscription], session.livemode),
    saleReferences: references.filter(id => id !== undefined).map(reference => ({ reference, saleTransactionId: session.id }))
  }
  if (session.payment_status === 'unpaid') return ignored('unpaid', learned)
  const amountCents = session.amount_total ?? 0
  if (session.payment_status === 'no_payment_required' || amountCents <= 0) return ignored('zero_amount', learned)

  const sale: SaleFact = saleFact({
    transactionId: session.id,
    customer,
    amountCents,
    currency: session.currency ?? '',
    isRecurring: false,
    subscriptionId: subscription,
    subscriptionInterval: subscription && intervalOfSubscription(await context.stripe.subscription(subscription))
  }, context)
  return interpreted([sale], learned)
}
