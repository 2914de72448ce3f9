import { formatMoney } from '#money'
import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest } from '../errors.js'
import type { EventBatch } from '../events.js'
import { creditNote } from '../objects/index.js'
import { adjustBalance } from './balance.js'
import { intentOf, markPaid, paymentsOf } from './invoice.js'
import { addRefund, refundable } from './refund.js'

/** What a credit note gives back, in the currency's smallest unit. */
export interface CreditNoteRequest {
  amount: number
  /** Back to the card or account that paid. */
  refundAmount: number
  /** To the customer's balance. */
  creditAmount: number
  /** Outside of Stripe: nothing moves. */
  outOfBandAmount: number
  memo: string | null
  metadata: Stripe.Metadata
  reason: Stripe.CreditNote.Reason | null
}

/**
 * Issues a credit note of an invoice. It first lowers what is still due; the excess is refunded, credited, or settled
 * outside of Stripe, and the three must make it up exactly (docs.stripe.com/api/credit_notes/create).
 * @throws StripeSandboxError when the invoice does not allow so much, or the parts do not make up the excess.
 */
export function issueCreditNote (
  context: SandboxContext, batch: EventBatch, invoice: Stripe.Invoice, request: CreditNoteRequest
): Stripe.CreditNote {
  const { amount } = request
  const left = creditable(context, invoice)
  if (amount > left) {
    const [asked, most] = [amount, left].map((cents) => formatMoney(cents, invoice.currency))
    throw invalidRequest(`The sum of credit notes and refunds (${asked} more) would exceed what can be credited of the invoice (${most}).`, 'amount')
  }
  const before = Math.min(amount, invoice.amount_remaining)
  const after = amount - before
  if (request.refundAmount + request.creditAmount + request.outOfBandAmount !== after) {
    throw invalidRequest(
      `The sum of credit amount, refund amount and out of band amount (${formatMoney(request.refundAmount + request.creditAmount + request.outOfBandAmount, invoice.currency)}) ` +
      `must equal the post payment credit note amount (${formatMoney(after, invoice.currency)}).`
    )
  }
  const charge = request.refundAmount > 0 ? chargeOf(context, invoice, request.refundAmount) : null
  const customer = stored(context.state.customers, invoice.customer === null ? '' : idOf(invoice.customer))
  const earlier = [...context.state.creditNotes.values()].filter((one) => one.invoice === invoice.id).length
  const made = creditNote({
    amount,
    created: timestamp(context),
    currency: invoice.currency,
    customer: customer.id,
    invoice: invoice.id,
    memo: request.memo,
    metadata: request.metadata,
    number: `${invoice.number ?? 'SANDBOX'}-CN-${String(earlier + 1).padStart(2, '0')}`,
    out_of_band_amount: request.outOfBandAmount === 0 ? null : request.outOfBandAmount,
    post_payment_amount: after,
    pre_payment_amount: before,
    reason: request.reason,
    type: after === 0 ? 'pre_payment' : before === 0 ? 'post_payment' : 'mixed'
  })
  if (charge !== null) {
    const refund = addRefund(context, batch, { charge, amount: request.refundAmount, status: 'succeeded' })
    made.refunds = [{ amount_refunded: refund.amount, payment_record_refund: null, refund: refund.id, type: 'refund' }]
  }
  if (request.creditAmount > 0) {
    made.customer_balance_transaction = adjustBalance(context, batch, customer, {
      amount: -request.creditAmount, currency: invoice.currency, credit_note: made.id, invoice: invoice.id, type: 'credit_note'
    }).id
  }
  context.state.creditNotes.set(made.id, made)
  invoice.post_payment_credit_notes_amount += after
  batch.add('credit_note.created', made)
  if (before > 0) lowerDue(context, batch, invoice, before)
  else batch.add('invoice.updated', invoice)
  return made
}

/** What can still be credited: all of the invoice but earlier credit notes, and refunds that were made without one. */
function creditable (context: SandboxContext, invoice: Stripe.Invoice): number {
  const notes = [...context.state.creditNotes.values()].filter((one) => one.invoice === invoice.id && one.status !== 'void')
  const linked = new Set(notes.flatMap(({ refunds }) => refunds.map(({ refund }) => idOf(refund))))
  const intents = new Set(paymentsOf(context, invoice.id).map(intentOf))
  const others = [...context.state.refunds.values()].filter((one) =>
    one.payment_intent !== null && intents.has(idOf(one.payment_intent)) && !linked.has(one.id) && one.status !== 'failed' && one.status !== 'canceled')
  return invoice.total - notes.reduce((sum, one) => sum + one.amount, 0) - others.reduce((sum, one) => sum + one.amount, 0)
}

/** The charge that paid an invoice and of which so much can be refunded. */
function chargeOf (context: SandboxContext, invoice: Stripe.Invoice, amount: number): Stripe.Charge {
  for (const link of paymentsOf(context, invoice.id)) {
    const intent = context.state.paymentIntents.get(intentOf(link) ?? '')
    const charge = intent?.latest_charge == null ? undefined : context.state.charges.get(idOf(intent.latest_charge))
    if (charge?.captured === true && refundable(charge) >= amount) return charge
  }
  throw invalidRequest('The refund amount exceeds what can be refunded of the charges that paid this invoice.', 'refund_amount')
}

function lowerDue (context: SandboxContext, batch: EventBatch, invoice: Stripe.Invoice, amount: number): void {
  invoice.amount_due -= amount
  invoice.amount_remaining -= amount
  invoice.pre_payment_credit_notes_amount += amount
  for (const link of paymentsOf(context, invoice.id)) {
    const intent = link.status === 'open' ? context.state.paymentIntents.get(intentOf(link) ?? '') : undefined
    if (intent === undefined) continue
    link.amount_requested = Math.max(link.amount_requested - amount, 0)
    if (invoice.amount_remaining > 0) {
      intent.amount = invoice.amount_remaining
      continue
    }
    // Nothing is left to collect.
    link.status = 'canceled'
    link.status_transitions.canceled_at = timestamp(context)
    Object.assign(intent, { status: 'canceled', canceled_at: timestamp(context), cancellation_reason: 'void_invoice' })
    batch.add('payment_intent.canceled', intent)
  }
  batch.add('invoice.updated', invoice)
  if (invoice.amount_remaining === 0 && invoice.status === 'open') markPaid(context, batch, invoice)
}

/**
 * Takes a credit note back, which Stripe allows while its invoice is open: what is due rises again.
 * @throws StripeSandboxError in Stripe's shape for any other.
 */
export function voidCreditNote (context: SandboxContext, batch: EventBatch, made: Stripe.CreditNote): void {
  const invoice = stored(context.state.invoices, idOf(made.invoice))
  if (made.status === 'void') throw invalidRequest('This credit note has already been voided.')
  if (invoice.status !== 'open') {
    throw invalidRequest(`You can only void a credit note if the associated invoice is open. The invoice ${invoice.id} is ${invoice.status}.`)
  }
  made.status = 'void'
  made.voided_at = timestamp(context)
  invoice.amount_due += made.pre_payment_amount
  invoice.amount_remaining += made.pre_payment_amount
  invoice.pre_payment_credit_notes_amount -= made.pre_payment_amount
  for (const link of paymentsOf(context, invoice.id)) {
    const intent = link.status === 'open' ? context.state.paymentIntents.get(intentOf(link) ?? '') : undefined
    if (intent === undefined) continue
    link.amount_requested += made.pre_payment_amount
    intent.amount = invoice.amount_remaining
  }
  batch.add('credit_note.voided', made)
  batch.add('invoice.updated', invoice)
}
