import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import { CheckoutHeaders, CheckoutRequest, CheckoutSession } from '../../../schemas/checkout.js'
import { ref } from '../../../schemas/common.js'
import { BODY_ERRORS, errorResponses } from '../../../schemas/error.js'
import { ApiError } from '../../errors.js'
import { insertCheckoutSession } from '../../ledger/checkout-sessions.js'
import { findStripeCustomer } from '../../ledger/lookups.js'
import { createCheckoutSession } from '../create-checkout-session.js'
import { findUser } from '../users/users.js'
import { BODY_LIMIT } from '../../routes/limits.js'

export interface CheckoutRouteOptions {
  livemode: boolean
  /** Prices that may be bought; empty: any. */
  priceIds: string[]
  successUrl: string
  cancelUrl: string
  /** Longest that a buyer waits for Stripe, in milliseconds. */
  limitMs?: number | undefined
}

const LIMIT_MS = 10_000

export const checkoutSchema = {
  operationId: 'createCheckout',
  tags: ['checkout'],
  summary: 'Start a checkout',
  description: 'Creates a Stripe Checkout Session that carries the attribution. The buyer is the authenticated user.',
  // `as const`: the two would become one type, in which each has the other's key.
  security: [{ userToken: [] }, { sessionCookie: [] }] as const,
  headers: CheckoutHeaders,
  body: ref(CheckoutRequest),
  response: { 201: ref(CheckoutSession), ...errorResponses('UNAUTHORIZED', 'CROSS_ORIGIN', 'FORBIDDEN', ...BODY_ERRORS, 'IDEMPOTENCY_KEY_REUSED', 'STRIPE_REJECTED', 'STRIPE_MISCONFIGURED', 'STRIPE_UNAVAILABLE') }
} satisfies FastifySchema

const checkoutRoute: FastifyPluginAsyncTypebox<CheckoutRouteOptions> = async (app, { limitMs = LIMIT_MS, ...options }) => {
  app.post('/api/checkout', {
    bodyLimit: BODY_LIMIT,
    onRequest: app.authenticate,
    schema: checkoutSchema
  }, async (request, reply) => {
    const { priceId, mode, quantity = 1 } = request.body
    if (options.priceIds.length > 0 && !options.priceIds.includes(priceId)) {
      throw new ApiError('INVALID_REQUEST', `body/priceId must be one of the prices on sale: ${options.priceIds.join(', ')}`)
    }
    const [user, stripeCustomerId] = await Promise.all([
      findUser(app.db, request.user.sub),
      findStripeCustomer(app.db, request.user.sub, options.livemode)
    ])
    if (user === undefined) throw new ApiError('UNAUTHORIZED')

    const customer = { customerExternalId: user.id, clickId: app.affitor.clickId(request) ?? user.affitorClickId }
    const session = await createCheckoutSession(app.stripe, {
      priceId,
      mode,
      quantity,
      userId: user.id,
      email: user.email,
      stripeCustomerId,
      attribute: params => app.affitor.withAttribution(params, customer),
      successUrl: options.successUrl,
      cancelUrl: options.cancelUrl
    }, request.headers['idempotency-key'], limitMs)
    await insertCheckoutSession(app.db, { id: session.sessionId, customerKey: user.id, priceId, mode, quantity })
    return await reply.code(201).send(session)
  })
}

export default checkoutRoute
