import { ignored, interpreted, parked } from './interpretation.js'
import type { InterpretContext, Interpreter, Question } from './interpretation.js'
import { idOf, idsOf } from './objects.js'
import type { AnyDispute } from './objects.js'
import { findSale, reversalFacts } from './reversal-facts.js'
import { byDisputes, byRefunds, isLost, withoutReleases, withoutRepeats } from './reversals.js'

/**
 * `charge.dispute.created`, `charge.dispute.closed`, `charge.dispute.funds_reinstated`: a dispute that is lost
 * takes the sale back. So does one that was prevented by giving the money back at once, as the card network's Rapid
 * Dispute Resolution does. https://docs.stripe.com/api/disputes/object#dispute_object-status
 */
export const interpretDispute: Interpreter<AnyDispute> = async (told, context) => {
  const paymentIntent = idOf(told.payment_intent)
  const dispute = await withMovements(told, paymentIntent, context)
  if (dispute.status.startsWith('warning_')) return ignored('dispute_warning')
  if (dispute.status === 'won') {
    return ignored('dispute_won', {
      corrections: [{ kind: 'refund', transactionId: dispute.id, reason: 'dispute_won', reasonIfSent: 'dispute_won_after_reversal' }]
    })
  }
  if (!isLost(dispute)) return ignored(dispute.status === 'prevented' ? 'dispute_prevented' : 'dispute_open')

  if (paymentIntent === undefined) return ignored('sale_not_found')
  const found = await findSale({ paymentIntent, invoice: undefined }, context)
  if ('waitingFor' in found) return parked(found.waitingFor)
  const learned = { customerKey: found.sale.customerKey, saleReferences: found.saleReferences }
  // Stripe refuses to refund what was charged back, so the refunds that there are came first; their events need not.
  const { facts, waitingFor } = await reversalFacts(found.sale, paymentIntent, [
    ...byRefunds(await withoutReleases(await context.stripe.refunds(paymentIntent), context)),
    ...byDisputes(withoutRepeats([...await context.stripe.disputes(paymentIntent), dispute]))
  ], context)
  return facts.length === 0 ? ignored('already_counted', { ...learned, waitingFor }) : interpreted(facts, learned)
}

export function questionsOfDispute (dispute: AnyDispute): Question[] {
  if (dispute.status !== 'lost') return []
  return idsOf(dispute.payment_intent).flatMap(id => [{ lookup: 'refunds', id }, { lookup: 'disputes', id }])
}

/** Of a prevented dispute the money that moved decides; where the event does not show it, Stripe does. */
async function withMovements (dispute: AnyDispute, paymentIntent: string | undefined, { stripe }: InterpretContext): Promise<AnyDispute> {
  if (dispute.status !== 'prevented' || dispute.balance_transactions !== undefined || paymentIntent === undefined) return dispute
  return (await stripe.disputes(paymentIntent)).find(({ id }) => id === dispute.id) ?? dispute
}
