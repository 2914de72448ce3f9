import type Stripe from 'stripe'
import { inTime } from '../../in-time.js'
import { PAGE_PATIENCE_MS } from './patience.js'

/** `on_its_way`: a payment that takes days to clear, such as a bank debit. `unknown`: not finished, or Stripe did not tell. */
export type PaymentState = 'paid' | 'nothing_due' | 'on_its_way' | 'unknown'

/**
 * What became of a Checkout Session's payment, as far as Stripe tells within two seconds.
 * @throws what Stripe's client throws
 */
export async function paymentState (stripe: Stripe, sessionId: string): Promise<PaymentState> {
  const session = await inTime(stripe.checkout.sessions.retrieve(sessionId), PAGE_PATIENCE_MS)
  if (session?.status !== 'complete') return 'unknown'
  // https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-payment_status
  if (session.payment_status === 'no_payment_required') return 'nothing_due'
  return session.payment_status === 'paid' ? 'paid' : 'on_its_way'
}
