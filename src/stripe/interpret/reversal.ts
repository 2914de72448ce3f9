import type { RefundFact, SaleReference } from '../../ledger/facts.js'
import type { SaleRecord } from '../../ledger/lookups.js'
import type { InterpretContext } from './interpretation.js'

/** Money of a sale that went back: a refund, or a dispute that was lost. */
export interface Reversal {
  /** Of the refund or the dispute. */
  id: string
  /** In the currency's smallest unit. */
  amount: number
  reason: string | null
  occurredAt: Date
}

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
 * @param reversals in the order in which they happened, those included that the ledger has
 */
export async function reversalFacts (sale: SaleRecord, reversals: Reversal[], context: InterpretContext): Promise<RefundFact[]> {
  const known = await context.ledger.refundsOf(sale.transactionId)
  let remaining = sale.payload.amountCents - sum(known.map(({ payload }) => payload.amountCents))
  let paidBack = 0
  const facts: RefundFact[] = []
  for (const reversal of reversals) {
    const toldBefore = toldAmount(sale, paidBack)
    paidBack += reversal.amount
    if (remaining <= 0 || known.some(({ transactionId }) => transactionId === reversal.id)) continue
    // Rounded as a running sum, so that refunds of all that was paid come to all that was told.
    const amountCents = Math.min(toldAmount(sale, paidBack) - toldBefore, remaining)
    if (amountCents <= 0) continue
    remaining -= amountCents
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

function sum (numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
