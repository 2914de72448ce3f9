import type Stripe from 'stripe'
import { ignored, interpreted, parked } from './interpretation.js'
import type { Interpreter, Question } from './interpretation.js'
import { idOf, timeOf } from './objects.js'
import { findSale, reversalFacts } from './reversal-facts.js'

/**
 * `credit_note.created`, `credit_note.voided`: money that the shop gave back outside of Stripe. What a credit note gives
 * back through Stripe is a refund and has its own events; what it credits to the customer's balance makes a later
 * payment smaller, and what was paid is what counts.
 * https://docs.stripe.com/invoicing/integration/programmatic-credit-notes
 */
export const interpretCreditNote: Interpreter<Stripe.CreditNote> = async (told, context) => {
  const amount = told.out_of_band_amount ?? 0
  if (amount <= 0) return ignored('credit_note_without_money')
  const note = await context.stripe.creditNote(told.id) ?? told
  if (note.status === 'void') {
    return ignored('credit_note_voided', {
      corrections: [{ kind: 'refund', transactionId: note.id, reason: 'credit_note_voided', reasonIfSent: 'credit_note_voided_after_sent' }]
    })
  }
  const found = await findSale({ paymentIntent: undefined, invoice: idOf(note.invoice) }, context)
  if ('waitingFor' in found) return parked(found.waitingFor)
  const { facts, waitingFor } = await reversalFacts(found.sale, undefined, [
    { id: note.id, amount, reason: note.reason, occurredAt: timeOf(note.created) }
  ], context)
  const learned = { customerKey: found.sale.customerKey }
  return facts.length === 0 ? ignored('already_counted', { ...learned, waitingFor }) : interpreted(facts, learned)
}

/** The note may have been voided meanwhile, and the event of that have come first. */
export function questionsOfCreditNote ({ id, out_of_band_amount: amount }: Stripe.CreditNote): Question[] {
  return amount !== null && amount > 0 ? [{ lookup: 'creditNote', id }] : []
}
