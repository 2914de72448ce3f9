import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest, FastifySchema } from 'fastify'
import Stripe from 'stripe'
import { ref } from '../../../../schemas/common.js'
import { errorResponses } from '../../../../schemas/error.js'
import { StripeEventReceipt, StripeEventReport } from '../../../../schemas/facts.js'
import { StripeEventReportHeaders } from '../../../../schemas/stripe-webhook.js'
import { ApiError } from '../../../errors.js'
import { takeOnlyJson } from '../../../http/validation.js'
import { WEBHOOK_BODY_LIMIT } from '../../../routes/limits.js'
import { NEEDED_EVENT_TYPES } from '../../../stripe/interpret/index.js'
import { verifyEvent } from '../../../stripe/verify-event.js'
import { toApiError } from '../../stripe-errors.js'
import { FACT_ERRORS, factRoute } from './fact-route.js'

export interface StripeEventsRouteOptions {
  /** Signing secrets of the webhook endpoint. */
  webhookSecrets: string[]
}

export const reportStripeEventSchema = {
  ...factRoute,
  operationId: 'reportStripeEvent',
  summary: 'Report a Stripe event',
  description: 'For a backend that receives Stripe\'s events itself. The event is fetched from Stripe by its id before it is believed, unless the ' +
    'request carries Stripe\'s `Stripe-Signature` and the body byte for byte. 200 once it is stored for good; event types that are not needed are ' +
    'answered 200 too.',
  headers: StripeEventReportHeaders,
  body: ref(StripeEventReport),
  response: { 200: ref(StripeEventReceipt), ...errorResponses(...FACT_ERRORS, 'UNSUPPORTED_EVENT', 'INVALID_SIGNATURE', 'UNKNOWN_STRIPE_EVENT', 'STRIPE_REJECTED', 'STRIPE_MISCONFIGURED', 'STRIPE_UNAVAILABLE') }
} satisfies FastifySchema

// Without fastify-plugin, so that the parser is this route's alone.
const stripeEventsRoute: FastifyPluginAsyncTypebox<StripeEventsRouteOptions> = async (app, { webhookSecrets }) => {
  const bodies = new WeakMap<FastifyRequest, Buffer>()
  takeOnlyJson(app, (request, body) => { bodies.set(request, body) })

  app.post('/api/stripe-events', { bodyLimit: WEBHOOK_BODY_LIMIT, schema: reportStripeEventSchema }, async request => {
    const { id, type, account } = request.body
    if (!NEEDED_EVENT_TYPES.has(type)) return { received: true as const, stored: false }
    const event = signedEvent(request) ?? await fetchEvent(app.stripe, id, account)
    return { received: true as const, stored: await app.affitor.receiveStripeEvent(event) }
  })

  /** @returns undefined when Stripe's signature is missing, too old or another's */
  function signedEvent (request: FastifyRequest): Stripe.Event | undefined {
    const { 'stripe-signature': signature } = request.headers
    const body = bodies.get(request)
    if (typeof signature !== 'string' || body === undefined) return undefined
    try {
      return verifyEvent(app.stripe, body, signature, webhookSecrets)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'INVALID_SIGNATURE') return undefined
      throw error
    }
  }
}

async function fetchEvent (stripe: Stripe, id: string, account: string | undefined): Promise<Stripe.Event> {
  try {
    return await stripe.events.retrieve(id, {}, account === undefined ? {} : { stripeAccount: account })
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError && error.statusCode === 404) {
      throw new ApiError('UNKNOWN_STRIPE_EVENT', `Stripe has no event ${id}${account === undefined ? '' : ` of the account ${account}`}. ` +
        'It keeps events for 30 days; and the account and the mode must be those of this service\'s key.', { cause: error })
    }
    throw toApiError(error)
  }
}

export default stripeEventsRoute
