import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'

/** One of the environment's variables, which the bench sets. */
export function variable (name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}

/** A server that says when it is ready. */
export function server (): FastifyInstance {
  const app = Fastify({ logger: { level: variable('LOG_LEVEL') } })
  app.get('/health/ready', async () => ({ status: 'ok' }))
  return app
}

export async function listen (app: FastifyInstance): Promise<void> {
  // Not `app.close()`: a profile of Node is written by an exit.
  process.once('SIGTERM', () => process.exit())
  await app.listen({ host: '127.0.0.1', port: Number(variable('PORT')) })
}

/**
 * Adds a Stripe webhook as Stripe documents it: raw body, `constructEvent`, 400 for what is not signed.
 * https://docs.stripe.com/webhooks
 * @param accept what is done with a verified event before it is answered 200
 */
export async function receiveWebhooks (app: FastifyInstance, accept: (event: Stripe.Event, payload: string) => Promise<void>): Promise<void> {
  const stripe = new Stripe('sk_test_bench')
  const secret = variable('STRIPE_WEBHOOK_SECRET')
  await app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
    scope.post<{ Body: Buffer }>('/webhooks/stripe', async (request, reply) => {
      let event: Stripe.Event
      try {
        event = stripe.webhooks.constructEvent(request.body, request.headers['stripe-signature'] ?? '', secret)
      } catch (error) {
        return await reply.code(400).send(`Webhook Error: ${(error as Error).message}`)
      }
      await accept(event, request.body.toString('utf8'))
      return { received: true }
    })
  })
}
