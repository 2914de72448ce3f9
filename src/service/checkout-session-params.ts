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
  /** Adds what attributes the payments. */
  attribute (params: Stripe.Checkout.SessionCreateParams): Stripe.Checkout.SessionCreateParams
  successUrl: string
  cancelUrl: string
}

/** The parameters of a Checkout Session. */
export function checkoutSessionParams (order: CheckoutOrder): Stripe.Checkout.SessionCreateParams {
  return order.attribute({
    mode: order.mode,
    line_items: [{ price: order.priceId, quantity: order.quantity }],
    client_reference_id: order.userId,
    ...buyer(order),
    success_url: order.successUrl,
    cancel_url: order.cancelUrl
  })
}

/** Without `customer_creation`, one-time buyers stay guests, and a later payment of theirs could not be recognised. */
function buyer ({ mode, email, stripeCustomerId }: CheckoutOrder): Stripe.Checkout.SessionCreateParams {
  if (stripeCustomerId !== undefined) return { customer: stripeCustomerId }
  return { customer_email: email, ...(mode === 'payment' ? { customer_creation: 'always' } : {}) }
}
