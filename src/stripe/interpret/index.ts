import type Stripe from 'stripe'
import { interpretCheckoutSession, interpretFailedCheckoutSession } from './checkout-session.js'
import { interpretCreditNote } from './credit-note.js'
import { interpretDispute } from './dispute.js'
import { ignored } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import { interpretInvoice, interpretInvoicePayment } from './invoice.js'
import { idOf } from './objects.js'
import { interpretPaymentIntent } from './payment-intent.js'
import { interpretChargeRefunded, interpretRefund } from './refund.js'

/** One interpreter an event type. */
const interpreters = {
  'checkout.session.completed': interpretCheckoutSession,
  'checkout.session.async_payment_succeeded': interpretCheckoutSession,
  'checkout.session.async_payment_failed': interpretFailedCheckoutSession,
  'invoice.paid': interpretInvoice,
  'invoice.payment_succeeded': interpretInvoice,
  'invoice_payment.paid': interpretInvoicePayment,
  'payment_intent.succeeded': interpretPaymentIntent,
  'refund.created': interpretRefund,
  'refund.updated': interpretRefund,
  'refund.failed': interpretRefund,
  'charge.refund.updated': interpretRefund,
  'charge.refunded': interpretChargeRefunded,
  'credit_note.created': interpretCreditNote,
  'credit_note.voided': interpretCreditNote,
  'charge.dispute.created': interpretDispute,
  'charge.dispute.closed': interpretDispute,
  'charge.dispute.funds_reinstated': interpretDispute
} satisfies Record<string, Interpreter<never>>

/** The event types that are stored; a webhook endpoint at Stripe needs no others. */
export const NEEDED_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(interpreters))

/** What a stored event means. Asks the ledger and Stripe, changes nothing. */
export async function interpret (event: Stripe.Event, context: InterpretContext): Promise<Interpretation> {
  if (event.livemode !== context.settings.livemode) return ignored('mode_mismatch')
  // https://docs.stripe.com/connect/webhooks
  if (event.account !== undefined && !context.settings.connectedAccounts.has(event.account)) return ignored('connected_account')
  const interpreter = interpreters[event.type as keyof typeof interpreters] as Interpreter<unknown>
  // Third-party fixtures, and some objects of old versions, do not say when they were made.
  return await interpreter({ created: event.created, ...event.data.object }, context, event)
}

/**
 * The Stripe objects that an event is about. Events that share one are interpreted one after the other, so that
 * twins see each other, and a payment of an unknown customer the one that tells who it is.
 */
export function objectsOf (event: Stripe.Event): string[] {
  const object = event.data.object as unknown as Record<string, string | { id: string } | null | undefined> & {
    parent?: Stripe.Invoice['parent']
    payment?: Stripe.InvoicePayment.Payment
  }
  const ids = [
    object.id, object.customer, object.subscription, object.invoice, object.payment_intent,
    object.parent?.subscription_details?.subscription, object.payment?.payment_intent
  ]
  return [...new Set(ids.map(idOf).filter(id => id !== undefined))].sort()
}
