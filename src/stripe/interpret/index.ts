import type Stripe from 'stripe'
import { leadOf } from '../../ledger/leads.js'
import type { LedgerLookups } from '../../ledger/lookups.js'
import type { Reason } from '../../ledger/reasons.js'
import { interpretCheckoutSession, interpretFailedCheckoutSession, questionsOfSession } from './checkout-session.js'
import { interpretCreditNote, questionsOfCreditNote } from './credit-note.js'
import { interpretDispute, questionsOfDispute } from './dispute.js'
import { ignored } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter, InterpretSettings, Question } from './interpretation.js'
import { interpretInvoice, interpretInvoicePayment } from './invoice.js'
import { idOf } from './objects.js'
import { interpretPaymentIntent } from './payment-intent.js'
import { interpretChargeRefunded, interpretRefund, questionsOfRefund } from './refund.js'

interface Reader<T> {
  interpret: Interpreter<T>
  /** What Stripe is asked in any case, and so before the event is read; whatever else is asked once reading needs it. */
  asks?: (object: T, settings: InterpretSettings) => Question[]
}

const session = { interpret: interpretCheckoutSession, asks: questionsOfSession }
const invoice = { interpret: interpretInvoice }
const refund = { interpret: interpretRefund, asks: questionsOfRefund }
const creditNote = { interpret: interpretCreditNote, asks: questionsOfCreditNote }
const dispute = { interpret: interpretDispute, asks: questionsOfDispute }

/** One reader an event type. */
const readers = {
  'checkout.session.completed': session,
  'checkout.session.async_payment_succeeded': session,
  'checkout.session.async_payment_failed': { interpret: interpretFailedCheckoutSession },
  'invoice.paid': invoice,
  'invoice.payment_succeeded': invoice,
  'invoice_payment.paid': { interpret: interpretInvoicePayment },
  'payment_intent.succeeded': { interpret: interpretPaymentIntent },
  'refund.created': refund,
  'refund.updated': refund,
  'refund.failed': refund,
  'charge.refund.updated': refund,
  'charge.refunded': { interpret: interpretChargeRefunded, asks: questionsOfRefund },
  'credit_note.created': creditNote,
  'credit_note.voided': creditNote,
  'charge.dispute.created': dispute,
  'charge.dispute.closed': dispute,
  'charge.dispute.funds_reinstated': dispute
} satisfies Record<string, Reader<never>>

/** The event types that are stored; a webhook endpoint at Stripe needs no others. */
export const NEEDED_EVENT_TYPES: ReadonlySet<string> = new Set(Object.keys(readers))

/** What a stored event means. Asks the ledger and Stripe, changes nothing. */
export async function interpret (event: Stripe.Event, context: InterpretContext): Promise<Interpretation> {
  const reason = notOurs(event, context.settings)
  if (reason !== undefined) return ignored(reason)
  const unknownLeads = new Set<string>()
  const ledger: LedgerLookups = {
    ...context.ledger,
    async hasLead (customerKey) {
      const known = await context.ledger.hasLead(customerKey)
      if (!known) unknownLeads.add(leadOf(customerKey))
      return known
    }
  }
  const interpretation = await readerOf(event).interpret(objectOf(event), { ...context, ledger }, event)
  if (unknownLeads.size === 0 || interpretation.facts.length > 0) return interpretation
  return { ...interpretation, waitingFor: [...interpretation.waitingFor ?? [], ...unknownLeads] }
}

/** What Stripe is going to be asked to interpret an event, as far as the event itself tells. */
export function questionsOf (event: Stripe.Event, settings: InterpretSettings): Question[] {
  return notOurs(event, settings) === undefined ? readerOf(event).asks?.(objectOf(event), settings) ?? [] : []
}

function readerOf (event: Stripe.Event): Reader<unknown> {
  return readers[event.type as keyof typeof readers] as Reader<unknown>
}

/** Third-party fixtures, and some objects of old versions, do not say when they were made. */
function objectOf (event: Stripe.Event): unknown {
  return { created: event.created, ...event.data.object }
}

/** @returns the reason why an event is not about payments of ours, whatever it says */
function notOurs (event: Stripe.Event, { livemode, connectedAccounts }: InterpretSettings): Reason | undefined {
  if (event.livemode !== livemode) return 'mode_mismatch'
  // https://docs.stripe.com/connect/webhooks
  return event.account !== undefined && !connectedAccounts.has(event.account) ? 'connected_account' : undefined
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
