import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { newId } from '../ids.js'
import { address, charge, paymentIntent, paymentMethodDetails } from '../objects/index.js'
import type { PaymentMethodType } from '../objects/index.js'
import { holdMoney } from './capture.js'
import type { Payment } from './capture.js'

/** What is to be paid, and by whom. */
export interface IntentRequest {
  amount: number
  currency: string
  customer: string | null
  description: string | null
  metadata: Stripe.Metadata
  methods: string[]
  receiptEmail?: string | null
  captureMethod?: Stripe.PaymentIntent.CaptureMethod | undefined
}

/** What is paid at once, and how. */
export interface PaymentRequest extends Omit<IntentRequest, 'methods'> {
  email: string | null
  method: PaymentMethodType
}

/** Creates a PaymentIntent that nobody has tried to pay yet. */
export function createIntent (context: SandboxContext, batch: EventBatch, request: IntentRequest): Stripe.PaymentIntent {
  const intent = paymentIntent({
    amount: request.amount,
    created: timestamp(context),
    currency: request.currency,
    customer: request.customer,
    description: request.description,
    metadata: { ...request.metadata },
    payment_method_types: request.methods,
    receipt_email: request.receiptEmail ?? null,
    ...(request.captureMethod && { capture_method: request.captureMethod })
  })
  batch.add('payment_intent.created', intent)
  context.state.paymentIntents.set(intent.id, intent)
  return intent
}

/** Creates a PaymentIntent and its charge; nothing is decided yet about the money. */
export function startPayment (context: SandboxContext, batch: EventBatch, request: PaymentRequest): Payment {
  const intent = createIntent(context, batch, { ...request, methods: [request.method] })
  return { intent, charge: attemptCharge(context, intent, request.method, request.email) }
}

/** One attempt to charge a PaymentIntent. */
export function attemptCharge (
  context: SandboxContext, intent: Stripe.PaymentIntent, type: PaymentMethodType, email: string | null
): Stripe.Charge {
  const method = newId('pm_1')
  const attempt = charge({
    amount: intent.amount,
    amount_captured: 0,
    balance_transaction: null,
    billing_details: { address: address(), email, name: null, phone: null, tax_id: null },
    captured: false,
    created: timestamp(context),
    currency: intent.currency,
    customer: intent.customer === null ? null : idOf(intent.customer),
    description: intent.description,
    // A charge takes over its PaymentIntent's metadata once, when it is made (docs.stripe.com/metadata).
    metadata: { ...intent.metadata },
    paid: false,
    payment_intent: intent.id,
    payment_method: method,
    payment_method_details: paymentMethodDetails(type, intent.amount),
    receipt_email: intent.receipt_email,
    status: 'pending'
  })
  intent.payment_method = method
  intent.last_payment_error = null
  intent.latest_charge = attempt.id
  context.state.charges.set(attempt.id, attempt)
  return attempt
}

/** A bank debit is on its way: days pass before the bank says yes or no. */
export function paymentPending (batch: EventBatch, payment: Payment): void {
  payment.intent.status = 'processing'
  payment.charge.outcome = null
  batch.add('payment_intent.processing', payment.intent)
  batch.add('charge.pending', payment.charge)
}

/** The money came; of a manual capture, it is only held until the shop takes it. */
export function paymentSucceeded (batch: EventBatch, payment: Payment): void {
  const { intent, charge: attempt } = payment
  if (intent.capture_method === 'manual') return holdMoney(batch, payment)
  attempt.status = 'succeeded'
  attempt.paid = true
  attempt.captured = true
  attempt.amount_captured = attempt.amount
  attempt.balance_transaction = newId('txn_3')
  attempt.outcome = charge().outcome
  intent.status = 'succeeded'
  intent.amount_received = intent.amount
  batch.add('charge.succeeded', attempt)
  batch.add('payment_intent.succeeded', intent)
}

/** The card or the bank said no. */
export function paymentFailed (batch: EventBatch, { intent, charge: attempt }: Payment): void {
  const card = attempt.payment_method_details?.type === 'card'
  const code = card ? 'card_declined' : 'payment_method_provider_decline'
  const message = card ? 'Your card was declined.' : 'The bank refused the debit: insufficient funds.'
  attempt.status = 'failed'
  attempt.failure_code = card ? 'card_declined' : 'insufficient_funds'
  attempt.failure_message = message
  attempt.outcome = {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: 'declined_by_network',
    reason: 'generic_decline',
    risk_level: 'normal',
    risk_score: 8,
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined'
  }
  intent.status = 'requires_payment_method'
  intent.payment_method = null
  intent.last_payment_error = {
    charge: attempt.id,
    code,
    doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`,
    message,
    type: card ? 'card_error' : 'invalid_request_error'
  }
  batch.add('charge.failed', attempt)
  batch.add('payment_intent.payment_failed', intent)
}

/** The payment of a PaymentIntent's id. */
export function paymentOf (context: SandboxContext, intentId: string): Payment {
  const intent = stored(context.state.paymentIntents, intentId)
  const chargeId = typeof intent.latest_charge === 'string' ? intent.latest_charge : intent.latest_charge?.id ?? ''
  return { intent, charge: stored(context.state.charges, chargeId) }
}
