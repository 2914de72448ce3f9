import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import type Stripe from 'stripe'
import { ref } from '../../schemas/common.js'
import { errorResponses } from '../../schemas/error.js'
import { StripeWebhookBody, StripeWebhookHeaders, WebhookReceipt } from '../../schemas/stripe-webhook.js'
import { ApiError } from '../errors.js'
import { QueueFullError } from '../group-commit.js'
import { verifyEvent } from '../stripe/verify-event.js'
import { currentTraceId } from '../tracing.js'
import type { RouteContext } from './context.js'
import { WEBHOOK_BODY_LIMIT } from './limits.js'

export interface StripeWebhookRouteOptions extends Pick<RouteContext, 'document'> {
  path: string
  /** Signing secrets: one, or two while rotating. */
  secrets: string[]
  stripe: Stripe
  /**
   * Stores a verified event, and resolves when it is committed.
   * @param payload its JSON, as it was signed
   * @returns whether it was stored now
   */
  store (event: Stripe.Event, payload: string): Promise<boolean>
  /** Told the status of each answer. */
  onAnswer (status: number): void
}

export const stripeWebhookSchema = {
  operationId: 'receiveStripeEvent',
  tags: ['webhooks'],
  summary: 'Receive a Stripe event',
  description: 'Stripe calls this. It signs the body\'s bytes: `Stripe-Signature` is `t=<seconds>,v1=<hex>`, where `v1` is the ' +
    'HMAC-SHA256 of `<t>.<body>` with the endpoint\'s signing secret, and `t` at most 300 seconds old. The answer is 200 ' +
    'once the event is stored for good; anything else makes Stripe send it again. Event types that are not needed are answered 200 too.',
  consumes: ['application/json'],
  headers: StripeWebhookHeaders,
  body: StripeWebhookBody,
  response: { 200: ref(WebhookReceipt), ...errorResponses('INVALID_SIGNATURE', 'UNSUPPORTED_EVENT', 'BODY_TOO_LARGE') }
} satisfies FastifySchema

// Without fastify-plugin, so that the parser below is this route's alone: every other route keeps its app's own.
const stripeWebhookRoute: FastifyPluginAsyncTypebox<StripeWebhookRouteOptions> = async (app, { path, secrets, stripe, store, onAnswer, document }) => {
  app.removeAllContentTypeParsers()
  // The body is bytes whatever it claims to be, also where Fastify would not recognise the claim.
  app.addHook('onRequest', async request => { delete request.headers['content-type'] })
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })

  app.addHook('onResponse', async (_request, reply) => { onAnswer(reply.statusCode) })

  app.post(path, {
    bodyLimit: WEBHOOK_BODY_LIMIT,
    // The body is bytes until the signature is checked. The schema is for the document and the handler's type.
    validatorCompiler: () => () => true,
    schema: document(stripeWebhookSchema)
  }, async request => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const event = verifyEvent(stripe, body, request.headers['stripe-signature'], secrets)
    const isNew = await store(event, body.toString('utf8')).catch((cause: unknown) => {
      if (cause instanceof QueueFullError) throw cause
      // Whatever else went wrong is ours: Stripe is to send the event again.
      throw new ApiError('DATABASE_UNAVAILABLE', undefined, { cause })
    })
    // It joins the request to what becomes of the event, whose id every later line has.
    if (isNew) request.log.info({ stripeEvent: event.id, type: event.type, traceId: currentTraceId() }, 'A Stripe event was stored')
    return { received: true as const }
  })
}

export default stripeWebhookRoute
