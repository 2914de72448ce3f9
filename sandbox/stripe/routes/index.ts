import type { FastifyInstance } from 'fastify'
import type { SandboxContext } from '../context.js'
import { accountRoutes } from './account.js'
import { setUpApi } from './api.js'
import { catalogRoutes } from './catalog.js'
import { checkoutSessionRoutes } from './checkout-sessions.js'
import { creditNoteRoutes } from './credit-notes.js'
import { customerRoutes } from './customers.js'
import { eventRoutes } from './events.js'
import { invoiceItemRoutes } from './invoice-items.js'
import { invoicePaymentRoutes } from './invoice-payments.js'
import { invoiceActionRoutes } from './invoice-actions.js'
import { invoiceRoutes } from './invoices.js'
import { paymentIntentRoutes } from './payment-intents.js'
import { paymentRoutes } from './payments.js'
import { quoteRoutes } from './quotes.js'
import { refundRoutes } from './refunds.js'
import { subscriptionRoutes } from './subscriptions.js'
import { webhookEndpointRoutes } from './webhook-endpoints.js'

/** Stripe's API under `/v1`, as far as the stand-in has it. */
export async function apiRoutes (app: FastifyInstance, { context }: { context: SandboxContext }): Promise<void> {
  setUpApi(app, context)
  accountRoutes(app, context)
  catalogRoutes(app, context)
  checkoutSessionRoutes(app, context)
  creditNoteRoutes(app, context)
  customerRoutes(app, context)
  eventRoutes(app, context)
  invoiceItemRoutes(app, context)
  invoicePaymentRoutes(app, context)
  invoiceActionRoutes(app, context)
  invoiceRoutes(app, context)
  paymentIntentRoutes(app, context)
  paymentRoutes(app, context)
  quoteRoutes(app, context)
  refundRoutes(app, context)
  subscriptionRoutes(app, context)
  webhookEndpointRoutes(app, context)
}
