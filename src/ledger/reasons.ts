/**
 * Why a Stripe event became no fact, or a tracking event ended as it did: the code that is stored, and the
 * sentence that the operator reads.
 */
export const reasons = {
  // Stripe events
  mode_mismatch: 'The event is of the other Stripe mode (live or test) than the configured key.',
  not_a_payment: 'The Checkout Session only saves a payment method; no money moved.',
  unpaid: 'Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.',
  payment_failed: 'The payment did not clear, so there is no sale.',
  zero_amount: 'The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on.',
  no_customer: 'Nothing in the event, the ledger or Stripe tells which of our customers paid.',
  other_program: 'The metadata names another Affitor program.',
  no_metadata: 'The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours.',
  connected_account: 'The event is of a connected account that is not among STRIPE_CONNECTED_ACCOUNTS.',
  upgrade_not_counted: 'Payments for a change in mid-cycle are not counted (COUNT_UPGRADES=false).',
  out_of_band_not_counted: 'The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS=false).',
  joins_payment: 'Joins a payment to its invoice; the invoice itself is the sale.',
  waiting_for_sale: 'The sale that was refunded has not been seen yet.',
  sale_not_found: 'The sale that was refunded never arrived: it was not one of ours.',
  refund_pending: 'The refund has not gone through yet.',
  refund_failed: 'The refund did not go through; the money stayed with us.',
  hold_released: 'Stripe gave back what was held and never captured: no money moved.',
  credit_note_without_money: 'The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller.',
  credit_note_voided: 'The credit note was voided: the money stayed with us.',
  dispute_open: 'The dispute is not decided yet.',
  dispute_warning: 'An inquiry, not a dispute: no money moved.',
  dispute_won: 'The dispute was won: the money stayed with us.',
  dispute_prevented: 'The dispute was prevented before any money moved.',
  already_counted: 'Every fact in this event is in the ledger already.',
  interpretation_failed: 'The event could not be read: a fault of this program or of the event.',
  // Tracking events
  recorded_earlier: 'Affitor had recorded it already; an earlier answer was lost.',
  provisional: 'Affitor took the lead provisionally.',
  further_along: 'Affitor knows this customer as a lead or buyer already.',
  customer_not_found: 'Affitor knows no click for this customer: nobody referred them.',
  no_attribution: 'Affitor found no partner who earned this.',
  attribution_window_expired: 'The click is older than the program\'s attribution window.',
  no_commission: 'Affitor recorded the sale without a commission.',
  twin_of_session: 'The same payment is counted as its Checkout Session.',
  recorded_by_connect: 'Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE=connect).',
  sale_not_attributed: 'The refunded sale earned no commission, so there is nothing to take back.',
  sale_not_sent: 'The refunded sale was not sent to Affitor, so there is nothing to take back.',
  sale_needs_attention: 'The refunded sale itself needs attention first.',
  lead_needs_attention: 'The customer\'s lead itself needs attention first.',
  sale_unknown_to_affitor: 'Affitor does not know the refunded sale.',
  held_by_operator: 'An operator took it out of line; Retry sends it.',
  later_refund_not_applied: 'Affitor applies one refund a sale and had one before: this one took nothing back from the partner.',
  refund_outcome_unknown: 'Affitor has a refund of this sale; whether it is this one or another, no answer told.',
  refund_failed_after_sent: 'Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back.',
  credit_note_voided_after_sent: 'Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back.',
  dispute_won_after_reversal: 'Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back.',
  unsupported_currency: 'The currency is not among SALE_CURRENCIES, those that Affitor takes. Add it there if Affitor takes it; then Retry sends it.',
  refused: 'Affitor refused it; the last error tells why.',
  transaction_id_used_up: 'An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing. Ask Affitor; Retry helps only once it has freed the id.',
  retries_exhausted: 'Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how.',
  malformed: 'The row cannot be sent: a fault of this program.'
} as const

export type Reason = keyof typeof reasons

/**
 * Reasons after which sending again would be wrong or could only come back the same, each with why, and what a person
 * does instead. After any other, an event in a state that can be retried may be sent again.
 */
const insteadOfRetry: Partial<Record<Reason, string>> = {
  no_commission: 'Affitor has the sale already and would say no more than that. Ask Affitor why it has no commission.',
  later_refund_not_applied: 'Affitor applies one refund a sale and would skip it again. Ask Affitor to take this one back from the partner.',
  refund_outcome_unknown: 'Affitor applies one refund a sale and would skip it again. Ask Affitor which refund it has, and to take back what is missing.',
  refund_failed_after_sent: 'It would take back a commission on money that stayed with us. Ask Affitor to give the partner the commission back.',
  credit_note_voided_after_sent: 'It would take back a commission on money that stayed with us. Ask Affitor to give the partner the commission back.',
  dispute_won_after_reversal: 'It would take back a commission on money that stayed with us. Ask Affitor to give the partner the commission back.'
}

/** Why an event that ended for this reason is not sent again, and what to do instead; undefined when it may be. */
export function retryRefusal (reason: string | null): string | undefined {
  return insteadOfRetry[reason as Reason]
}

export const notRetryable = Object.keys(insteadOfRetry) as Reason[]

/** Refunds, credit notes and lost disputes whose money came back to us. */
export const cameBack: Reason[] = ['refund_failed', 'refund_failed_after_sent', 'credit_note_voided', 'credit_note_voided_after_sent', 'dispute_won', 'dispute_won_after_reversal']

/** Of a refund that Affitor was asked for at most in vain: it took nothing back from the partner. */
export const tookNothingBack: Reason[] = ['later_refund_not_applied', 'sale_needs_attention', 'sale_unknown_to_affitor']

/** Of a refund that ended because of its sale: it is sent again with the sale. */
export const endedBySale: Reason[] = ['sale_not_attributed', 'sale_not_sent', 'sale_needs_attention']

/** The sentence of a stored reason; null for none. */
export function explain (reason: string | null): string | null {
  if (reason === null) return null
  return reasons[reason as Reason] ?? reason
}
