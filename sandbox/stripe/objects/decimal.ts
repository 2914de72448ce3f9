import type Stripe from 'stripe'

/** A decimal as it is in JSON, a text: older stripe packages have no class for it. */
export function decimal (value: number): Stripe.Decimal {
  return String(value) as unknown as Stripe.Decimal
}
