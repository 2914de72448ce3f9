import type Stripe from 'stripe'
import { ignored, interpreted, parked } from './interpretation.js'
import type { Interpreter } from './interpretation.js'
import { idOf } from './objects.js'
import { findSale, reversalFacts } from './reversal.js'
import { byDisputes, byRefunds, isLost, withoutRepeats } from './reversals.js'

/**
 * `charge.dispute.created`, `charge.dispute.closed`, `charge.dispute.funds_reinstated`: a dispute that is lost
 * takes the sale back. So does one that was prevented by giving the money back at once, as the card network's Rapid
 * Dispute Resolution does. https://docs.stripe.com/api/disputes/object#dispute_object-status
 */
export const interpretDispute: Interpreter<Stripe.Dispute> = async (dispute, context) => {
  if (dispute.status.startsWith('warning_')) return ignored('dispute_warning')
  if (dispute.status === 'won') {
    return ignored('dispute_won', {
      corrections: [{ kind: 'refund', transactionId: dispute.id, reason: 'dispute_won', reasonIfSent: 'dispute_won_after_reversal' }]
    })
  }
  if (!isLost(dispute)) return ignored(dispute.status === 'prevented' ? 'dispute_prevented' : 'dispute_open')

  const paymentIntent = idOf(dispute.payment_intent)
  if (paymentIntent === undefined) return ignored('sale_not_found')
  const found = await findSale(paymentIntent, undefined, context)
  if ('waitingFor' in found) return parked(found.waitingFor)
  const learned = { customerKey: found.sale.customerKey, saleReferences: found.saleReferences }
  // Stripe refuses to refund what was charged back, so the refunds that there are came first; their events need not.
  const facts = await reversalFacts(found.sale, paymentIntent, [
    ...byRefunds(await context.stripe.refunds(paymentIntent)),
    ...byDisputes(withoutRepeats([...await context.stripe.disputes(paymentIntent), dispute]))
  ], context)
  return facts.length === 0 ? ignored('already_counted', learned) : interpreted(facts, learned)
}
