import { eq } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { users } from '../db.js'
import type { Database } from '../db.js'

interface WebhookOptions { db: Database, stripe: Stripe, secret: string }

export default async function stripeWebhook (app: FastifyInstance, { db, stripe, secret }: WebhookOptions) {
  // Stripe signs the bytes of the body. In this plugin alone, JSON stays unparsed.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })

  app.post<{ Body: Buffer, Headers: { 'stripe-signature': string } }>('/webhooks/stripe', async (request, reply) => {
    let event: Stripe.Event
    try {
      event = stripe.webhooks.constructEvent(request.body, request.headers['stripe-signature'], secret)
    } catch {
      return await reply.code(400).send({ error: 'The signature is wrong.' })
    }

    // Give it every event: it keeps those that it needs. Stripe sends the event again if this fails.
    await app.affitor.receiveStripeEvent(event)

    if (event.type === 'checkout.session.completed' && event.data.object.payment_status === 'paid') {
      const { client_reference_id: userId } = event.data.object
      if (userId !== null) await db.update(users).set({ paidAt: new Date(event.created * 1000) }).where(eq(users.id, userId))
    }
    return { received: true }
  })
}
