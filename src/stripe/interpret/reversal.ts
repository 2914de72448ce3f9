import type { RefundFact, SaleReference } from '../../ledger/facts.js'
import type { SaleRecord } from '../../ledger/lookups.js'
import type { InterpretContext } from './interpretation.js'
import { byDisputes } from './reversals.js'
import type { Reversal } from './reversals.js'

export type FoundSale = { sale: SaleRecord, saleReferences: SaleReference[] } | { waitingFor: string }

/**
 * The sale that a payment intent paid. Refunds and disputes name the payment intent, sales their session or
 * invoice: the ledger joins them, else Stripe does.
 * @param invoice id of the invoice, where the event still names it (API versions before Basil)
 */
export async function findSale (paymentIntent: string, invoice: string | undefined, context: InterpretContext): Promise<FoundSale> {
  let waitingFor = invoice ?? paymentIntent
  let saleId = await context.ledger.saleReferredBy([paymentIntent, ...(invoice === undefined ? [] : [invoice])])
  if (saleId === undefined && invoice === undefined) {
    waitingFor = await context.stripe.invoiceOfPaymentIntent(paymentIntent) ?? paymentIntent
    if (waitingFor !== paymentIntent) saleId = await context.ledger.saleReferredBy([waitingFor])
  }
  if (saleId === undefined) return { waitingFor }
  const sale = await context.ledger.sale(saleId)
  if (sale === undefined) return { waitingFor: saleId }
  return { sale, saleReferences: [{ reference: paymentIntent, saleTransactionId: saleId }] }
}

/**
 * The facts that the ledger does not have yet; together with those that it has never more than the sale.
 * @param told reversals of the payment in the order in which they happened, those included that the ledger has
 */
export async function reversalFacts (
  sale: SaleRecord, paymentIntent: string, told: Reversal[], context: InterpretContext
): Promise<RefundFact[]> {
  const known = await context.ledger.refundsOf(sale.transactionId)
  const isKnown = ({ id }: Reversal) => known.some(({ transactionId }) => transactionId === id)
  const reversals = known.every(({ transactionId }) => told.some(({ id }) => id === transactionId))
    ? told
    : [...told, ...byDisputes(await context.stripe.disputes(paymentIntent)).filter(({ id }) => told.every(other => other.id !== id))]
  let toldBack = sum(known.map(({ payload }) => payload.amountCents))
  let paidBack = sum(known.map(({ transactionId, payload }) =>
    reversals.find(({ id }) => id === transactionId)?.amount ?? paidAmount(sale, payload.amountCents)))
  const facts: RefundFact[] = []
  for (const reversal of reversals.filter(reversal => !isKnown(reversal))) {
    paidBack += reversal.amount
    // Rounded as a running sum, so that what was given back of all that was paid comes to all that was told.
    const amountCents = Math.min(toldAmount(sale, paidBack), sale.payload.amountCents) - toldBack
    if (amountCents <= 0) continue
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
        full: amountCents === sale.payload.amountCents,
        ...(reversal.reason === null ? {} : { refundReason: reversal.reason })
      }
    })
  }
  return facts
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
