import type Stripe from 'stripe'
import { StripeSandboxError } from '../errors.js'
import type { PaymentOutcome } from '../flows/invoice.js'

// Stripe's test payment methods that the bank declines (docs.stripe.com/testing#declined-payments).
const DECLINED = /^pm_card_.*(decline|fail)/i

/** What becomes of a payment by a payment method (`pm_...`): every one pays but the test methods for declines. */
export function outcomeOf (method: string | undefined): PaymentOutcome {
  return DECLINED.test(method ?? '') ? 'fails' : 'succeeds'
}

/** A decline is answered 402; the PaymentIntent can be paid again. */
export function refuseDeclined (intent: Stripe.PaymentIntent): void {
  const error = intent.last_payment_error
  if (error === null) return
  throw new StripeSandboxError(402, {
    type: 'card_error',
    code: 'card_declined',
    message: error.message ?? '',
    decline_code: 'generic_decline',
    payment_intent: intent,
    ...(error.charge && { charge: error.charge })
  })
}
