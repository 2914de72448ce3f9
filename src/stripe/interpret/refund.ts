import type Stripe from 'stripe'
import type { Correction } from '../../ledger/facts.js'
import { ignored, interpreted, parked } from './interpretation.js'
import type { InterpretContext, Interpretation, Interpreter, Question } from './interpretation.js'
import { idOf, idsOf } from './objects.js'
import type { AnyCharge } from './objects.js'
import { findSale, reversalFacts } from './reversal-facts.js'
import { byRefunds, withoutReleases, withoutRepeats } from './reversals.js'

/**
 * `refund.created`, `refund.updated`, `refund.failed`, `charge.refund.updated`: one fact a refund, once its money
 * has moved. https://docs.stripe.com/refunds
 */
export const interpretRefund: Interpreter<Stripe.Refund> = async (refund, context) => {
  return await interpretRefunds([refund], idOf(refund.payment_intent), undefined, context)
}

/**
 * `charge.refunded`: all that versions before Acacia (2024-10-28) send of a refund. Its amount is the sum of the
 * charge's refunds so far, so the refunds themselves are read: from the event before 2022-11-15, else from Stripe.
 */
export const interpretChargeRefunded: Interpreter<AnyCharge> = async (charge, context) => {
  return await interpretRefunds(charge.refunds?.data ?? [], idOf(charge.payment_intent), idOf(charge.invoice), context)
}

/** An event may have overtaken those of other refunds of the payment. */
export function questionsOfRefund ({ payment_intent: paymentIntent }: { payment_intent: Stripe.Refund['payment_intent'] }): Question[] {
  return idsOf(paymentIntent).map(id => ({ lookup: 'refunds', id }))
}

async function interpretRefunds (
  told: Stripe.Refund[], paymentIntent: string | undefined, invoice: string | undefined, context: InterpretContext
): Promise<Interpretation> {
  if (paymentIntent === undefined) return ignored('sale_not_found')
  const all = withoutRepeats([...await context.stripe.refunds(paymentIntent), ...told])
  const refunds = await withoutReleases(all, context)
  if (all.length > 0 && refunds.length === 0) return ignored('hold_released')
  const moved = byRefunds(refunds)
  const corrections = refunds.filter(isFailed).map(correctionOf)
  if (moved.length === 0) return ignored(corrections.length > 0 ? 'refund_failed' : 'refund_pending', { corrections })

  const found = await findSale({ paymentIntent, invoice }, context)
  if ('waitingFor' in found) return parked(found.waitingFor)
  const learned = { customerKey: found.sale.customerKey, saleReferences: found.saleReferences, corrections }
  const { facts, waitingFor } = await reversalFacts(found.sale, paymentIntent, moved, context, corrections.map(({ transactionId }) => transactionId))
  return facts.length === 0 ? ignored('already_counted', { ...learned, waitingFor }) : interpreted(facts, learned)
}

function isFailed ({ status }: Stripe.Refund): boolean {
  return status === 'failed' || status === 'canceled'
}

function correctionOf ({ id }: Stripe.Refund): Correction {
  return { kind: 'refund', transactionId: id, reason: 'refund_failed', reasonIfSent: 'refund_failed_after_sent' }
}
