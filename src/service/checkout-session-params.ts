import type Stripe from 'stripe'

export interface CheckoutOrder {
  priceId: string
  mode: 'payment' | 'subscription'
  quantity: number
  /** Our user id: the customer key at Affitor. */
  userId: string
  email: string
  /** The Stripe customer that this user paid as before. */
  stripeCustomerId?: string | undefined
  clickId?: string | undefined
  programId: string
  successUrl: string
  cancelUrl: string
}

/** The metadata by which a payment is attributed, as Affitor documents it: a missing click id is left out. */
export interface AttributionMetadata extends Stripe.MetadataParam {
  affitor_customer_key: string
  program_id: string
}

/**
 * The parameters of a Checkout Session that carries the attribution to every object made from it.
 * Stripe refuses `subscription_data` in payment mode and `payment_intent_data` in subscription mode:
 * https://docs.stripe.com/api/checkout/sessions/create
 */
export function checkoutSessionParams (order: CheckoutOrder): Stripe.Checkout.SessionCreateParams {
  const metadata: AttributionMetadata = {
    affitor_customer_key: order.userId,
    program_id: order.programId,
    ...(order.clickId === undefined ? {} : { affitor_click_id: order.clickId })
  }
  return {
    mode: order.mode,
    line_items: [{ price: order.priceId, quantity: order.quantity }],
    client_reference_id: order.userId,
    ...buyer(order),
    metadata,
    // Renewals carry only the subscription's metadata, charges and refunds only the payment intent's.
    ...(order.mode === 'subscription' ? { subscription_data: { metadata } } : { payment_intent_data: { metadata } }),
    success_url: order.successUrl,
    cancel_url: order.cancelUrl
  }
}

/** Without `customer_creation`, one-time buyers stay guests, and a later payment of theirs could not be recognised. */
function buyer ({ mode, email, stripeCustomerId }: CheckoutOrder): Stripe.Checkout.SessionCreateParams {
  if (stripeCustomerId !== undefined) return { customer: stripeCustomerId }
  return { customer_email: email, ...(mode === 'payment' ? { customer_creation: 'always' } : {}) }
}
