import { inMainUnit } from '#money'
import { recorded, refused, unchanged } from '../answers.js'
import type { Answer } from '../answers.js'
import { authenticate } from '../auth.js'
import type { TrackingCallInput } from '../context.js'
import { filledString, isAbsent, isTestMode, positiveInteger, stringOrNull } from '../read.js'
import { recordTestEvent } from '../test-mode.js'
import type { Program } from '../program.js'
import type { AffitorState } from '../state.js'

/**
 * https://docs.affitor.com/docs/api-reference/track-refund. The Bearer key is required. A commission
 * that was reversed or refunded is final: any later refund of its sale is skipped.
 */
export function trackRefund (state: AffitorState, program: Program, { body, authorization }: TrackingCallInput): Answer {
  const auth = authenticate(authorization, program.apiKey)
  if (!auth.ok) return refused(401, auth.error)
  const transactionId = filledString(body.transaction_id)
  if (transactionId === undefined) return refused(400, 'transaction_id is required')
  const amount = refundAmount(body.refund_amount_cents)
  // Affitor documents the rule and no text for it.
  if (amount === undefined) return refused(400, 'refund_amount_cents must be a positive integer')
  if (isTestMode(body)) return recordTestEvent(state, program, { kind: 'refund', body, authenticated: true })

  const sale = state.saleByTransactionId(transactionId)
  if (sale === undefined) return refused(404, 'Sale not found for transaction_id')
  const commission = state.commissionOf(sale)
  if (commission === undefined) {
    return unchanged({ success: true, status: 'no_commission', message: 'Sale has no commission to reverse' })
  }
  if (commission.status !== 'pending') {
    return unchanged({ success: true, status: 'skipped', reason: `already ${commission.status}`, commission_id: commission.id })
  }

  const amountCents = amount === 'full' ? sale.amountCents : Math.min(amount, sale.amountCents)
  const status = amountCents === sale.amountCents ? 'reversed' : 'refunded'
  const deductionCents = Math.round(commission.amountCents * amountCents / sale.amountCents)
  commission.status = status
  commission.deductedCents = deductionCents
  state.addRefund({
    saleId: sale.id,
    commissionId: commission.id,
    transactionId,
    amountCents,
    status,
    deductionCents,
    reason: stringOrNull(body.refund_reason),
    at: program.now().toISOString()
  })
  return recorded({
    // The page shows dollars: 25.00 for 2500 cents.
    success: true, status, deductionAmount: inMainUnit(deductionCents, sale.currency), commission_id: commission.id
  })
}

function refundAmount (value: unknown): number | 'full' | undefined {
  return isAbsent(value) || value === 0 ? 'full' : positiveInteger(value)
}
