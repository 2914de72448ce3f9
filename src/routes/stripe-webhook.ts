import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { ref } from '../../schemas/common.js'
import { errorResponses } from '../../schemas/error.js'
import { StripeWebhookBody, StripeWebhookHeaders, WebhookReceipt } from '../../schemas/stripe-webhook.js'
import { ApiError } from '../errors.js'
import { QueueFullError } from '../group-commit.js'
import { openInbox } from '../ledger/inbox.js'
import { NEEDED_EVENT_TYPES } from '../stripe/interpret/index.js'
import { verifyEvent } from '../stripe/verify-event.js'
import { WEBHOOK_BODY_LIMIT } from './limits.js'

export interface StripeWebhookRouteOptions {
  /** Signing secrets: one, or two while rotating. */
  webhookSecrets: string[]
}

export const stripeWebhookSchema = {
  operationId: 'receiveStripeEvent',
  tags: ['webhooks'],
  summary: 'Receive a Stripe event',
  description: 'Stripe calls this. It signs the body\'s bytes: `Stripe-Signature` is `t=<seconds>,v1=<hex>`, where `v1` is the ' +
    'HMAC-SHA256 of `<t>.<body>` with the endpoint\'s signing secret, and `t` at most 300 seconds old. The answer is 200 ' +
    'once the event is stored for good; anything else makes Stripe send it again. Event types that are not needed are answered 200 too.',
  security: [{ stripeSignature: [] }],
  consumes: ['application/json'],
  headers: StripeWebhookHeaders,
  body: StripeWebhookBody,
  response: { 200: ref(WebhookReceipt), ...errorResponses(413) }
} satisfies FastifySchema

// Without fastify-plugin, so that the parser below is this route's alone: every other route keeps Fastify's own.
const stripeWebhookRoute: FastifyPluginAsyncTypebox<StripeWebhookRouteOptions> = async (app, { webhookSecrets }) => {
  const inbox = openInbox(app.db)
  app.removeAllContentTypeParsers()
  // The body is bytes whatever it claims to be, also where Fastify would not recognise the claim.
  app.addHook('onRequest', async request => { delete request.headers['content-type'] })
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })

  app.post('/webhooks/stripe', {
    bodyLimit: WEBHOOK_BODY_LIMIT,
    config: { notForBrowsers: true },
    // The body is bytes until the signature is checked. The schema is for the document and the handler's type.
    validatorCompiler: () => () => true,
    schema: stripeWebhookSchema
  }, async request => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const event = verifyEvent(app.stripe, body, request.headers['stripe-signature'], webhookSecrets)
    if (NEEDED_EVENT_TYPES.has(event.type)) {
      await inbox.store(event, body.toString('utf8')).catch((cause: unknown) => {
        if (cause instanceof QueueFullError) throw new ApiError('OVERLOADED', undefined, { cause })
        // Whatever went wrong is ours: Stripe is to send the event again.
        throw new ApiError('DATABASE_UNAVAILABLE', undefined, { cause })
      })
      app.notifier.notify('stripe_events')
    }
    return { received: true as const }
  })
}

export default stripeWebhookRoute
