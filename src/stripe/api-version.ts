import type Stripe from 'stripe'

/**
 * The version of Stripe's API that is asked, whichever the app's stripe package pins, so that answers have the shapes of
 * the types here: that of our own package. Events have the version of their endpoint.
 */
export const STRIPE_API_VERSION = '2026-10-28.endive' satisfies typeof Stripe.API_VERSION
