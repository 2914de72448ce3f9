import type { RefundFact, SaleReference } from '../../ledger/facts.js'
import type { SaleRecord } from '../../ledger/lookups.js'
import type { InterpretContext } from './interpretation.js'
import { idsOf } from './objects.js'
import { byDisputes } from './reversals.js'
import type { Reversal } from './reversals.js'
import { referencesToSale } from './sale.js'

export type FoundSale = { sale: SaleRecord, saleReferences: SaleReference[] } | { waitingFor: string[] }

/** What was paid, as a reversal names it. */
export interface ReversedPayment {
  paymentIntent: string | undefined
  /** Where the event names it: of a charge before Basil, of a credit note. */
  invoice: string | undefined
}

/**
 * The sale that was paid. Refunds and disputes name the payment intent, sales their session or invoice: the ledger joins
 * them, else Stripe does.
 */
export async function findSale ({ paymentIntent, invoice }: ReversedPayment, context: InterpretContext): Promise<FoundSale> {
  const named = idsOf(paymentIntent, invoice)
  let saleId = await context.ledger.saleReferredBy(named)
  if (saleId === undefined && invoice === undefined && paymentIntent !== undefined) {
    const paid = await context.stripe.invoiceOfPaymentIntent(paymentIntent)
    if (paid !== undefined) {
      named.push(paid)
      saleId = await context.ledger.saleReferredBy([paid])
    }
  }
  if (saleId === undefined) return { waitingFor: named }
  const sale = await context.ledger.sale(saleId)
  if (sale === undefined) return { waitingFor: [saleId, ...named] }
  return { sale, saleReferences: referencesToSale(saleId, idsOf(paymentIntent)) }
}

export interface ReversalFacts {
  facts: RefundFact[]
  /** Of a reversal that adds nothing, as others take back the whole sale: those. One of them may come back. */
  waitingFor: string[]
}

/**
 * The facts that the ledger does not have yet; together with those that it has never more than the sale.
 * @param told reversals of the payment in the order in which they happened, those included that the ledger has
 * @param failed ids of those whose money came back, as the event itself tells
 */
export async function reversalFacts (
  sale: SaleRecord, paymentIntent: string | undefined, told: Reversal[], context: InterpretContext, failed: string[] = []
): Promise<ReversalFacts> {
  const known = (await context.ledger.refundsOf(sale.transactionId)).filter(({ transactionId }) => !failed.includes(transactionId))
  const isKnown = ({ id }: Reversal) => known.some(({ transactionId }) => transactionId === id)
  const reversals = paymentIntent === undefined || known.every(({ transactionId }) => told.some(({ id }) => id === transactionId))
    ? told
    : [...told, ...byDisputes(await context.stripe.disputes(paymentIntent)).filter(({ id }) => told.every(other => other.id !== id))]
  let toldBack = sum(known.map(({ payload }) => payload.amountCents))
  let paidBack = sum(known.map(({ transactionId, payload }) =>
    reversals.find(({ id }) => id === transactionId)?.amount ?? paidAmount(sale, payload.amountCents)))
  const facts: RefundFact[] = []
  let waitingFor: string[] = []
  for (const reversal of reversals.filter(reversal => !isKnown(reversal))) {
    paidBack += reversal.amount
    // Rounded as a running sum, so that what was given back of all that was paid comes to all that was told.
    const amountCents = Math.min(toldAmount(sale, paidBack), sale.payload.amountCents) - toldBack
    if (amountCents <= 0) {
      waitingFor = known.map(({ transactionId }) => transactionId)
      continue
    }
    toldBack += amountCents
    facts.push({
      kind: 'refund',
      transactionId: reversal.id,
      saleTransactionId: sale.transactionId,
      customerKey: sale.customerKey,
      occurredAt: reversal.occurredAt,
      payload: {
        v: 1,
        amountCents,
        currency: sale.payload.currency,
        full: amountCents === sale.payload.amountCents,
        ...(reversal.reason === null ? {} : { refundReason: reversal.reason })
      }
    })
  }
  return { facts, waitingFor }
}

/** The part of a refunded amount that is part of what Affitor was told: a sale net of tax is refunded net of tax. */
function toldAmount ({ payload }: SaleRecord, paidCents: number): number {
  return payload.paidCents === undefined ? paidCents : Math.round(paidCents * payload.amountCents / payload.paidCents)
}

/** The inverse, as far as rounding lets it: for what Stripe does not list with this payment, such as a refund of the invoice's other one. */
function paidAmount ({ payload }: SaleRecord, toldCents: number): number {
  return payload.paidCents === undefined ? toldCents : Math.round(toldCents * payload.paidCents / payload.amountCents)
}

function sum (numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
