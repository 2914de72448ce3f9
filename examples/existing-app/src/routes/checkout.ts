import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'

interface CheckoutOptions { stripe: Stripe, price: string, publicUrl: string }

export default async function checkoutRoute (app: FastifyInstance, { stripe, price, publicUrl }: CheckoutOptions) {
  app.post('/checkout', { onRequest: app.requireUser }, async ({ user }) => {
    const { id, url } = await stripe.checkout.sessions.create(app.affitor.withAttribution({
      mode: 'subscription',
      line_items: [{ price, quantity: 1 }],
      client_reference_id: user.id,
      customer_email: user.email,
      success_url: `${publicUrl}/thanks`,
      cancel_url: publicUrl
    }, { customerExternalId: user.id }))
    return { sessionId: id, url }
  })
}
