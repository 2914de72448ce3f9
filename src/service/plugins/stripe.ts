import fp from 'fastify-plugin'
import type Stripe from 'stripe'
import { createStripeClient } from '../../stripe/client.js'
import type { StripeClientOptions } from '../../stripe/client.js'

declare module 'fastify' {
  interface FastifyInstance {
    stripe: Stripe
  }
}

/** The Stripe client. */
export default fp<StripeClientOptions>(async (app, options) => {
  app.decorate('stripe', createStripeClient(options))
}, { name: 'stripe' })
