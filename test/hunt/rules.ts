import type { StripeState } from '../../sandbox/stripe/index.js'
import type { LedgerFact } from '../order/stage.js'
import { ownersOf } from './owners.js'
import { idOf, paymentsAtStripe, sum } from './payments.js'
import type { Payment } from './payments.js'

// What Affitor is to be told, by what happened at Stripe. This file, payments.ts and owners.ts state the rules anew, in
// their own words, and so import nothing of `src`.

/** The shop's choices that the hunt changes. */
export interface Settings { netOfTax: boolean, countUpgrades: boolean, countOutside: boolean }

export const ordinary: Settings = { netOfTax: false, countUpgrades: true, countOutside: true }

/** Currencies that Affitor takes. */
export const CURRENCIES = ['USD', 'EUR', 'VND']

export interface ExpectedSale {
  transactionId: string
  customerKey: string
  amountCents: number
  /** What the customer paid for it, with tax. */
  paidCents: number
  currency: string
  isRecurring: boolean
  reversals: Reversal[]
}

/** Money of a payment that went back, or seemed to. */
export interface Reversal {
  id: string
  amountCents: number
  /** `gone`: the customer has it. `back`: it came back to the shop, or never left. */
  is: 'gone' | 'back'
  /** It was gone as soon as it was made. */
  atOnce: boolean
}

/**
 * The sales that are to be in the ledger.
 * @param settingsOf those in force when a payment was counted; a fact that is in the ledger stays as it is
 */
export function expectedSales (books: StripeState, keys: ReadonlySet<string>, settingsOf: (transactionId: string) => Settings): ExpectedSale[] {
  const payments = paymentsAtStripe(books)
  const owners = ownersOf(payments, books, keys)
  return payments.flatMap(payment => {
    const customerKey = owners.get(payment)
    const transactionId = transactionIdOf(payment)
    const settings = settingsOf(transactionId)
    const paidCents = settings.countOutside ? payment.paidCents : payment.paidCents - payment.outsideCents
    const amountCents = settings.netOfTax ? withoutTax(payment, paidCents) : paidCents
    if (customerKey === undefined || amountCents <= 0 || (isUpgrade(payment) && !settings.countUpgrades)) return []
    return [{
      transactionId, customerKey, amountCents, paidCents, currency: payment.currency, isRecurring: isRecurring(payment, books), reversals: reversalsOf(payment, books)
    }]
  })
}

/** A payment is known by its Checkout Session, else by its invoice, else by itself. */
export function transactionIdOf ({ session, invoice, intent }: Payment): string {
  return session?.id ?? invoice?.id ?? intent?.id ?? ''
}

/** Of a payment in part, the same part is tax. */
function withoutTax ({ taxCents, billedCents }: Payment, paidCents: number): number {
  return paidCents - Math.round(taxCents * paidCents / billedCents)
}

function isUpgrade ({ invoice }: Payment): boolean {
  return invoice?.billing_reason === 'subscription_update'
}

/** Whether the subscription was paid for before; a trial, or what credit covered, was not a payment. */
function isRecurring ({ invoice, subscription }: Payment, books: StripeState): boolean {
  if (invoice == null || subscription === undefined || invoice.billing_reason === 'subscription_create') return false
  return paymentsAtStripe(books).some(other => other.subscription === subscription && other.invoice !== invoice && (other.invoice?.created ?? 0) <= invoice.created)
}

/** Refunds that went through, disputes that were lost, and what credit notes gave back outside of Stripe. A hold that was let go is no refund: the shop never had the money. */
function reversalsOf ({ charges, invoice }: Payment, books: StripeState): Reversal[] {
  const refunds = [...books.refunds.values()].filter(one => charges.includes(idOf(one.charge)) && !isReleasedHold(one))
  const notes = [...books.creditNotes.values()].filter(one => idOf(one.invoice) === invoice?.id && (one.out_of_band_amount ?? 0) > 0)
  const disputes = [...books.disputes.values()].filter(one => charges.includes(idOf(one.charge)))
  return [
    ...refunds.filter(({ status }) => status !== 'pending').map(one => ({
      id: one.id, amountCents: one.amount, is: one.status === 'succeeded' ? 'gone' as const : 'back' as const, atOnce: isGoneAtOnce(one.id, books)
    })),
    // What a credit note gives back through Stripe is a refund; what it credits makes a later payment smaller.
    ...notes.map(one => ({ id: one.id, amountCents: one.out_of_band_amount ?? 0, is: one.status === 'void' ? 'back' as const : 'gone' as const, atOnce: false })),
    ...disputes.filter(({ status }) => ['lost', 'won', 'prevented'].includes(status)).map(one => ({
      id: one.id, amountCents: one.amount, is: sum(one.balance_transactions.map(({ amount }) => amount)) < 0 ? 'gone' as const : 'back' as const, atOnce: false
    }))
  ]
}

function isGoneAtOnce (id: string, books: StripeState): boolean {
  return [...books.events.values()].some(({ event }) => event.type === 'refund.created' && event.data.object.id === id && event.data.object.status === 'succeeded')
}

function isReleasedHold ({ status, balance_transaction: movement, destination_details: destination }: { status: string | null, balance_transaction: unknown, destination_details?: { card?: { type: string } } }): boolean {
  return status === 'succeeded' && movement === null && destination?.card?.type === 'reversal'
}

/** What of a sale is to be taken back in all. */
export function takenBack ({ amountCents, paidCents, reversals }: ExpectedSale): number {
  const gone = sum(reversals.filter(({ is }) => is === 'gone').map(reversal => reversal.amountCents))
  return Math.round(amountCents * Math.min(gone, paidCents) / paidCents)
}

/** Reasons after which a retry helps, once everything works again. */
export const helpedByRetry = ['retries_exhausted', 'lead_needs_attention', 'sale_needs_attention', 'sale_unknown_to_affitor', 'held_by_operator']

/** Reasons after which sending again would take money from a partner, or could only come back the same: Retry must refuse. */
export const wrongToRetry = ['later_refund_not_applied', 'refund_outcome_unknown', 'refund_failed_after_sent', 'dispute_won_after_reversal', 'credit_note_voided_after_sent']

/** What the ledger says of a refund whose money came back. */
export const cameBack = {
  unsent: ['refund_failed', 'dispute_won', 'credit_note_voided'],
  sent: ['refund_failed_after_sent', 'dispute_won_after_reversal', 'credit_note_voided_after_sent']
}

export type Fact = LedgerFact
