/** What is said of a reason. */
export interface ReasonText {
  /** Why it ended like this. */
  meaning: string
  /** What a person does now; absent when nothing needs to be done. */
  advice?: string
  /** Why sending again would be wrong, or could only come back the same; absent when it may be sent again. */
  notAgain?: string
}

/**
 * Why a Stripe event became no fact, or a tracking event ended as it did, by the code that is stored: what the operator
 * reads, on the page and in docs/reasons.md. The first part is of Stripe events, the second of tracking events.
 */
export const reasons = {
  // Stripe events
  mode_mismatch: { meaning: 'The event is of the other Stripe mode (live or test) than the configured key.' },
  not_a_payment: { meaning: 'The Checkout Session only saves a payment method; no money moved.' },
  unpaid: { meaning: 'Not paid yet (a bank debit, or a payment that is captured later). The sale is counted when the money comes.' },
  payment_failed: { meaning: 'The payment did not clear, so there is no sale.' },
  zero_amount: { meaning: 'The amount is 0 (a trial, a coupon or credit), so there is nothing to earn a commission on.' },
  no_customer: {
    meaning: 'Nothing in the event, the ledger or Stripe tells which of our customers paid.',
    advice: 'If this was one of your customers, plant the metadata on what your backend creates at Stripe (withAttribution, attributionMetadata), and report this sale by trackSale or POST /api/sales.'
  },
  other_program: { meaning: 'The metadata names another Affitor program.' },
  no_metadata: { meaning: 'The payment carries none of our metadata and belongs to no subscription, quote or checkout of ours.' },
  connected_account: {
    meaning: 'The event is of a connected account that is not among those whose payments are counted.',
    advice: 'Add the account to STRIPE_CONNECTED_ACCOUNTS (option connectedAccounts) if its payments earn commissions, then read the event again.'
  },
  upgrade_not_counted: { meaning: 'Payments for a change in mid-cycle are not counted (COUNT_UPGRADES, option sales.countUpgrades, is false).' },
  out_of_band_not_counted: { meaning: 'The invoice was paid outside of Stripe, which is not counted (COUNT_OUT_OF_BAND_PAYMENTS, option sales.countOutOfBandPayments, is false).' },
  joins_payment: { meaning: 'Joins a payment to its invoice; the invoice itself is the sale.' },
  waiting_for_sale: { meaning: 'The sale that was refunded has not been seen yet.' },
  sale_not_found: { meaning: 'The sale that was refunded never arrived: it was not one of ours.' },
  refund_pending: { meaning: 'The refund has not gone through yet.' },
  refund_failed: { meaning: 'The refund did not go through; the money stayed with us.' },
  hold_released: { meaning: 'Stripe gave back what was held and never captured: no money moved.' },
  credit_note_without_money: { meaning: 'The credit note gives nothing back by itself: its refund has its own event, and what it credits makes a later payment smaller.' },
  credit_note_voided: { meaning: 'The credit note was voided: the money stayed with us.' },
  dispute_open: { meaning: 'The dispute is not decided yet.' },
  dispute_warning: { meaning: 'An inquiry, not a dispute: no money moved.' },
  dispute_won: { meaning: 'The dispute was won: the money stayed with us.' },
  dispute_prevented: { meaning: 'The dispute was prevented before any money moved.' },
  already_counted: { meaning: 'Every fact in this event is in the ledger already.' },
  interpretation_failed: {
    meaning: 'The event could not be read: a fault of this program or of the event.',
    advice: 'Read it again. If it fails once more, report it with the last error, and tell the sale by trackSale or POST /api/sales meanwhile.'
  },
  // Tracking events
  recorded_earlier: { meaning: 'Affitor had recorded it already; an earlier answer was lost.' },
  provisional: { meaning: 'Affitor took the lead provisionally.' },
  further_along: { meaning: 'Affitor knows this customer as a lead or buyer already.' },
  customer_not_found: { meaning: 'Affitor knows no click for this customer: no partner brought them.' },
  no_attribution: { meaning: 'Affitor found no partner who earned this.' },
  attribution_window_expired: { meaning: 'The click is older than the program\'s attribution window.' },
  no_commission: {
    meaning: 'Affitor recorded the sale without a commission.',
    advice: 'Ask Affitor why the sale has no commission.',
    notAgain: 'Affitor has the sale already and would say no more than that.'
  },
  twin_of_session: { meaning: 'The same payment is counted as its Checkout Session.' },
  recorded_by_connect: { meaning: 'Affitor records sales itself through Stripe Connect (AFFITOR_SALE_SOURCE, option affitor.saleSource, is connect).' },
  sale_not_attributed: { meaning: 'The refunded sale earned no commission, so there is nothing to take back.' },
  sale_not_sent: { meaning: 'The refunded sale was not sent to Affitor, so there is nothing to take back.' },
  sale_needs_attention: {
    meaning: 'The refunded sale itself needs attention first.',
    advice: 'Deal with the sale: a retry of it sends this refund too. If the sale was settled by hand, settle this refund by hand as well, then resolve.'
  },
  lead_needs_attention: {
    meaning: 'The customer\'s lead itself needs attention first.',
    advice: 'Deal with the lead first, then retry.'
  },
  sale_unknown_to_affitor: {
    meaning: 'Affitor does not know the refunded sale.',
    advice: 'Ask Affitor whether it has the sale under another transaction id; retry once it knows the sale.'
  },
  held_by_operator: {
    meaning: 'An operator took it out of line.',
    advice: 'Retry sends it. If it is to stay unsent, resolve it and say why.'
  },
  later_refund_not_applied: {
    meaning: 'Affitor applies one refund a sale and had one before: this one took nothing back from the partner.',
    advice: 'Ask Affitor to take this refund back from the partner, then resolve.',
    notAgain: 'Affitor applies one refund a sale and would skip it again.'
  },
  refund_outcome_unknown: {
    meaning: 'Affitor has a refund of this sale; whether it is this one or another, no answer told.',
    advice: 'Ask Affitor which refund it has of this sale, and to take back what is missing, then resolve.',
    notAgain: 'Affitor applies one refund a sale and would skip it again.'
  },
  refund_failed_after_sent: {
    meaning: 'Affitor was told of this refund, then it failed: the partner is owed the commission. Affitor documents no way back.',
    advice: 'Ask Affitor to give the partner the commission back, then resolve.',
    notAgain: 'It would take back a commission on money that stayed with us.'
  },
  credit_note_voided_after_sent: {
    meaning: 'Affitor was told of this credit note as a refund, then it was voided: the partner is owed the commission. Affitor documents no way back.',
    advice: 'Ask Affitor to give the partner the commission back, then resolve.',
    notAgain: 'It would take back a commission on money that stayed with us.'
  },
  dispute_won_after_reversal: {
    meaning: 'Affitor was told of this dispute as lost, then it was won: the partner is owed the commission. Affitor documents no way back.',
    advice: 'Ask Affitor to give the partner the commission back, then resolve.',
    notAgain: 'It would take back a commission on money that stayed with us.'
  },
  unsupported_currency: {
    meaning: 'The currency is not among those that Affitor takes (SALE_CURRENCIES, option sales.currencies).',
    advice: 'If Affitor takes this currency, add it to SALE_CURRENCIES (option sales.currencies) and retry. If not, settle the commission with the partner by hand, then resolve.'
  },
  refused: {
    meaning: 'Affitor refused it; the last error tells why.',
    advice: 'The last error tells what Affitor does not take. Retry once it is mended.'
  },
  transaction_id_used_up: {
    meaning: 'An attempt ended in a server error, then Affitor said the transaction id exists: the commission may be missing.',
    advice: 'Look in Affitor for a commission of this sale. If there is one, resolve. If not, ask Affitor to free the transaction id, then retry.'
  },
  retries_exhausted: {
    meaning: 'Affitor could not be reached, failed or refused it for the whole retry time; the last error tells how.',
    advice: 'Look at the last error: when its cause is mended, retry.'
  },
  malformed: {
    meaning: 'The row cannot be sent: a fault of this program.',
    advice: 'Report it with the last error, and tell Affitor by hand meanwhile.'
  }
} as const satisfies Record<string, ReasonText>

export type Reason = keyof typeof reasons
