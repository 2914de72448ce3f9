import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

const DAY = 86_400

/** The evidence of a dispute that nobody has answered. */
function evidence (): Stripe.Dispute.Evidence {
  return {
    access_activity_log: null,
    appeal: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null
  }
}

/** A complete dispute: a chargeback that waits for an answer, unless told otherwise. */
export function dispute (overrides: Partial<Stripe.Dispute> = {}): Stripe.Dispute {
  const created = overrides.created ?? unixSeconds()
  return {
    id: newId('du_1'),
    object: 'dispute',
    amount: 4900,
    balance_transactions: [],
    charge: newId('ch_3'),
    created,
    currency: 'usd',
    enhanced_eligibility_types: [],
    evidence: evidence(),
    evidence_details: {
      due_by: created + 9 * DAY,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted'
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: null,
    payment_method_details: {
      card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10.4' },
      type: 'card'
    },
    reason: 'fraudulent',
    status: 'needs_response',
    ...overrides
  }
}
