import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EmittedEvent } from '../events.js'
import { balanceTransaction, dispute } from '../objects/index.js'

const DISPUTE_FEE = 1500

/** A dispute, and what became of its events. */
export interface DisputeResult {
  dispute: Stripe.Dispute
  charge: Stripe.Charge
  events: Promise<EmittedEvent[]>
}

/**
 * Has a buyer's bank dispute a charge. An inquiry (`warning_needs_response`) takes no money; a chargeback does at once
 * (docs.stripe.com/disputes/how-disputes-work).
 */
export function openDispute (
  context: SandboxContext, charge: Stripe.Charge, options: { amount?: number | undefined, inquiry: boolean }
): DisputeResult {
  const batch = context.events.batch()
  const amount = options.amount ?? charge.amount_captured
  const made = dispute({
    amount,
    charge: charge.id,
    created: timestamp(context),
    currency: charge.currency,
    is_charge_refundable: options.inquiry,
    payment_intent: charge.payment_intent === null ? null : idOf(charge.payment_intent),
    payment_method_details: {
      card: {
        brand: 'visa',
        case_type: options.inquiry ? 'inquiry' : 'chargeback',
        network: 'visa',
        network_reason_code: '10.4'
      },
      type: 'card'
    },
    status: options.inquiry ? 'warning_needs_response' : 'needs_response'
  })
  context.state.disputes.set(made.id, made)
  charge.disputed = true
  batch.add('charge.dispute.created', made)
  if (!options.inquiry) {
    made.balance_transactions = [movement(context, made, -amount, DISPUTE_FEE)]
    batch.add('charge.dispute.funds_withdrawn', made)
  }
  return { dispute: made, charge, events: batch.send() }
}

/** Ends a dispute; an inquiry just closes. A dispute that was won gives the money back. */
export function closeDispute (context: SandboxContext, made: Stripe.Dispute, outcome: 'won' | 'lost'): DisputeResult {
  const batch = context.events.batch()
  const charge = stored(context.state.charges, idOf(made.charge))
  const inquiry = made.status.startsWith('warning_')
  made.status = inquiry ? 'warning_closed' : outcome
  if (made.status === 'won') {
    made.balance_transactions = [...made.balance_transactions, movement(context, made, made.amount, 0)]
  }
  batch.add('charge.dispute.closed', made)
  if (made.status === 'won') batch.add('charge.dispute.funds_reinstated', made)
  return { dispute: made, charge, events: batch.send() }
}

/** Whether a dispute still waits for its end. */
export function isOpen (made: Stripe.Dispute): boolean {
  return !['won', 'lost', 'warning_closed', 'prevented'].includes(made.status)
}

function movement (context: SandboxContext, made: Stripe.Dispute, amount: number, fee: number): Stripe.BalanceTransaction {
  return balanceTransaction({
    amount,
    created: timestamp(context),
    currency: made.currency,
    description: `Chargeback ${amount < 0 ? 'withdrawal' : 'reversal'} for ${idOf(made.charge)}`,
    fee,
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    source: made.id
  })
}
