import type Stripe from 'stripe'
import type { RefundFact, SaleReference } from '../../ledger/facts.js'
import type { SaleRecord } from '../../ledger/lookups.js'
import { ignored, interpreted, parked } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import { idOf } from './objects.js'

type AnyCharge = Stripe.Charge & { invoice?: string | { id: string } | null }

/**
 * `refund.created`, `refund.updated`, `charge.refund.updated`: one fact a refund, once its money has moved.
 * https://docs.stripe.com/refunds
 */
export const interpretRefund: Interpreter<Stripe.Refund> = async (refund, context) => {
  return await interpretRefunds([refund], [], idOf(refund.payment_intent), context)
}

/**
 * `charge.refunded`: its amount is the sum of all refunds so far, so the refunds themselves are read: from the
 * event (API versions before 2022-11-15 include them), or from Stripe unless the ledger has the sum already.
 */
export const interpretChargeRefunded: Interpreter<AnyCharge> = async (charge, context) => {
  const paymentIntent = idOf(charge.payment_intent)
  const aliases = [idOf(charge.invoice)].filter(id => id !== undefined)
  const saleId = await context.ledger.saleReferredBy([paymentIntent, ...aliases].filter(id => id !== undefined))
  if (saleId !== undefined && await refundedSum(saleId, context) >= charge.amount_refunded) return ignored('already_counted')
  const refunds = charge.refunds?.data ?? await context.stripe.refundsOfCharge(charge.id)
  return await interpretRefunds(refunds, aliases, paymentIntent, context)
}

async function interpretRefunds (
  refunds: Stripe.Refund[], aliases: string[], paymentIntent: string | undefined, context: InterpretContext
): Promise<Interpretation> {
  const succeeded = refunds.filter(refund => refund.status === 'succeeded' && refund.amount > 0)
  if (succeeded.length === 0) {
    return ignored(refunds.some(refund => refund.status === 'pending' || refund.status === 'requires_action') ? 'refund_pending' : 'refund_failed')
  }
  if (paymentIntent === undefined) return ignored('sale_not_found')

  const found = await findSale(paymentIntent, aliases, context)
  if ('waitingFor' in found) return parked('waiting_for_sale', found.waitingFor)
  const facts = await refundFacts(found.sale, succeeded, context)
  return facts.length === 0
    ? ignored('already_counted', { saleReferences: found.saleReferences })
    : interpreted(facts, { saleReferences: found.saleReferences })
}

/** A refund names a payment intent, a sale its session or invoice: the ledger joins them, else Stripe does. */
async function findSale (
  paymentIntent: string, aliases: string[], context: InterpretContext
): Promise<{ sale: SaleRecord, saleReferences: SaleReference[] } | { waitingFor: string }> {
  let saleId = await context.ledger.saleReferredBy([paymentIntent, ...aliases])
  let waitingFor = aliases[0] ?? paymentIntent
  if (saleId === undefined && aliases.length === 0) {
    const invoice = await context.stripe.invoiceOfPaymentIntent(paymentIntent)
    if (invoice !== undefined) {
      waitingFor = invoice
      saleId = await context.ledger.saleReferredBy([invoice])
    }
  }
  if (saleId === undefined) return { waitingFor }
  const sale = await context.ledger.sale(saleId)
  if (sale === undefined) return { waitingFor: saleId }
  return { sale, saleReferences: [{ reference: paymentIntent, saleTransactionId: saleId }] }
}

/** The facts that are not in the ledger yet; together never more than the sale. */
async function refundFacts (sale: SaleRecord, refunds: Stripe.Refund[], context: InterpretContext): Promise<RefundFact[]> {
  const known = await context.ledger.refundsOf(sale.transactionId)
  let remaining = sale.payload.amountCents - known.reduce((sum, refund) => sum + refund.payload.amountCents, 0)
  const facts: RefundFact[] = []
  for (const refund of refunds) {
    if (remaining <= 0 || known.some(({ transactionId }) => transactionId === refund.id)) continue
    const amountCents = Math.min(refund.amount, remaining)
    remaining -= amountCents
    facts.push({
      kind: 'refund',
      transactionId: refund.id,
      saleTransactionId: sale.transactionId,
      customerKey: sale.customerKey,
      payload: {
        v: 1,
        amountCents,
        full: amountCents === sale.payload.amountCents,
        ...(refund.reason ? { refundReason: refund.reason } : {})
      }
    })
  }
  return facts
}

async function refundedSum (saleTransactionId: string, context: InterpretContext): Promise<number> {
  const refunds = await context.ledger.refundsOf(saleTransactionId)
  return refunds.reduce((sum, refund) => sum + refund.payload.amountCents, 0)
}
