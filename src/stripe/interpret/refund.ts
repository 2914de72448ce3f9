import type Stripe from 'stripe'
import type { Correction } from '../../ledger/facts.js'
import { ignored, interpreted, parked } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter } from './interpretation.js'
import { idOf, timeOf } from './objects.js'
import type { AnyCharge } from './objects.js'
import { findSale, isReversed, reversalFacts } from './reversal.js'

/**
 * `refund.created`, `refund.updated`, `refund.failed`, `charge.refund.updated`: one fact a refund, once its money
 * has moved. https://docs.stripe.com/refunds
 */
export const interpretRefund: Interpreter<Stripe.Refund> = async (refund, context) => {
  return await interpretRefunds([refund], idOf(refund.payment_intent), undefined, context)
}

/**
 * `charge.refunded`: its amount is the sum of all refunds so far. The API versions that send nothing else for
 * a refund are thereby covered; for the others the ledger usually has the sum already.
 */
export const interpretChargeRefunded: Interpreter<AnyCharge> = async (charge, context) => {
  const paymentIntent = idOf(charge.payment_intent)
  const invoice = idOf(charge.invoice)
  if (paymentIntent !== undefined) {
    const found = await findSale(paymentIntent, invoice, context)
    if ('sale' in found && await isReversed(found.sale, charge.amount_refunded, context)) {
      return ignored('already_counted', { customerKey: found.sale.customerKey })
    }
  }
  return await interpretRefunds(charge.refunds?.data ?? [], paymentIntent, invoice, context)
}

async function interpretRefunds (
  told: Stripe.Refund[], paymentIntent: string | undefined, invoice: string | undefined, context: InterpretContext
): Promise<Interpretation> {
  if (paymentIntent === undefined) return ignored('sale_not_found')
  const refunds = await allRefunds(told, paymentIntent, context)
  const moved = refunds.filter(refund => refund.status === 'succeeded' && refund.amount > 0)
  const corrections = refunds.filter(isFailed).map(correctionOf)
  if (moved.length === 0) return ignored(corrections.length > 0 ? 'refund_failed' : 'refund_pending', { corrections })

  const found = await findSale(paymentIntent, invoice, context)
  if ('waitingFor' in found) return parked(found.waitingFor)
  const learned = { customerKey: found.sale.customerKey, saleReferences: found.saleReferences, corrections }
  const facts = await reversalFacts(found.sale, moved.map(reversalOf), context)
  return facts.length === 0 ? ignored('already_counted', learned) : interpreted(facts, learned)
}

/**
 * The event's refunds with what Stripe has now, oldest first. Affitor applies only the first refund of a sale, so
 * their order counts, and an event may have overtaken that of an earlier refund, or be out of date.
 */
async function allRefunds (told: Stripe.Refund[], paymentIntent: string, context: InterpretContext): Promise<Stripe.Refund[]> {
  const refunds = new Map([...told, ...await context.stripe.refunds(paymentIntent)].map(refund => [refund.id, refund]))
  return [...refunds.values()].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
}

function isFailed ({ status }: Stripe.Refund): boolean {
  return status === 'failed' || status === 'canceled'
}

function correctionOf ({ id }: Stripe.Refund): Correction {
  return { kind: 'refund', transactionId: id, reason: 'refund_failed', reasonIfSent: 'refund_failed_after_sent' }
}

function reversalOf (refund: Stripe.Refund) {
  return { id: refund.id, amount: refund.amount, reason: refund.reason, occurredAt: timeOf(refund.created) }
}
