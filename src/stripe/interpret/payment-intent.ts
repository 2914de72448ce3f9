import type Stripe from 'stripe'
import { amountsOfSession, objectsOfSession, saleOfSession } from './checkout-session.js'
import { customerInMetadata, customerOfSession, customerReferredBy, isOtherProgram, referencesTo } from './customer.js'
import type { FoundCustomer } from './customer.js'
import { ignored, interpreted } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import { interpretPaidInvoice } from './invoice.js'
import { idOf, idsOf, timeOf } from './objects.js'
import { noProduct } from './product.js'
import { countedAmount, referencesToSale, saleFact } from './sale.js'

/**
 * `payment_intent.succeeded`: a payment that the app made itself (Payment Element), or one of Checkout that was captured
 * after the session had ended. Of a session or an invoice it is a twin, and counted as that.
 * https://docs.stripe.com/payments/payment-intents, https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
 */
export const interpretPaymentIntent: Interpreter<Stripe.PaymentIntent> = async (intent, context, event) => {
  if (isOtherProgram(intent.metadata, context)) return ignored('other_program')
  const told = customerInMetadata(intent.metadata)
  const known = await context.ledger.saleReferredBy([intent.id])
  const paidAt = timeOf(event.created)
  // Of a hold its session told before it was paid, and perhaps before its Stripe customer was ours.
  const payer = intent.capture_method === 'manual' ? idsOf(intent.customer) : []
  if (told === undefined && known === undefined && await customerReferredBy(payer, paidAt, context) === undefined) {
    return ignored('no_metadata', { waitingFor: payer })
  }
  if (known !== undefined && await context.ledger.sale(known) !== undefined) return ignored('already_counted')

  const session = await context.stripe.sessionOfPaymentIntent(intent.id)
  if (session !== undefined) return await interpretSessionPayment(intent, session, told, paidAt, context)
  const invoice = await context.stripe.invoiceOfPaymentIntent(intent.id)
  if (invoice === undefined) return told === undefined ? ignored('no_metadata') : interpretOwnPayment(intent, told, context)
  if (told === undefined) return ignored('joins_payment', { saleReferences: referencesToSale(invoice, [intent.id]) })
  const paid = await context.stripe.invoice(invoice)
  return paid?.status === 'paid' ? await interpretPaidInvoice(paid, { paidAt, payer: told }, context) : ignored('joins_payment')
}

async function interpretSessionPayment (
  intent: Stripe.PaymentIntent, session: Stripe.Checkout.Session, told: FoundCustomer | undefined, paidAt: Date, context: InterpretContext
): Promise<Interpretation> {
  if (isOtherProgram(session.metadata, context)) return ignored('other_program')
  const customer = customerInMetadata(session.metadata) ?? told ?? await customerOfSession(session, paidAt, context)
  if (customer === 'other_program') return ignored('other_program')
  if (customer === undefined) return ignored('no_metadata')
  const amounts = amountsOfSession(session, intent.amount_received, context)
  if (amounts.amountCents <= 0) return ignored('zero_amount')
  return interpreted([await saleOfSession(session, customer, amounts, context)], {
    customerReferences: learnedFrom(intent, customer),
    saleReferences: referencesToSale(session.id, [intent.id, ...objectsOfSession(session)])
  })
}

function interpretOwnPayment (intent: Stripe.PaymentIntent, customer: FoundCustomer, context: InterpretContext): Interpretation {
  const amounts = countedAmount(intent.amount_received, 0, context)
  if (amounts.amountCents <= 0) return ignored('zero_amount')
  const sale = saleFact({
    transactionId: intent.id,
    customer,
    occurredAt: timeOf(intent.created),
    ...amounts,
    currency: intent.currency,
    isRecurring: false,
    subscriptionId: undefined,
    subscriptionInterval: undefined,
    bought: noProduct(context)
  }, context)
  return interpreted([sale], { customerReferences: learnedFrom(intent, customer), saleReferences: referencesToSale(intent.id, [intent.id]) })
}

function learnedFrom (intent: Stripe.PaymentIntent, customer: FoundCustomer) {
  return referencesTo(customer, { subscription: undefined, customer: idOf(intent.customer), livemode: intent.livemode, created: intent.created })
}
