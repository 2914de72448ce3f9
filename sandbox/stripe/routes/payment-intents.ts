import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, resourceMissing, StripeSandboxError } from '../errors.js'
import { cancelIntent, captureMoney } from '../flows/capture.js'
import { payIntent, usedBy } from '../flows/intent.js'
import { createIntent, paymentOf } from '../flows/payment.js'
import { createdFilter, listPage } from '../list.js'
import { readMetadata } from '../metadata.js'
import { readChoice, readString, refuseUnknown } from '../params.js'
import { get, post } from './api.js'
import { outcomeOf, refuseDeclined } from './declines.js'
import { readCapture, readPaymentIntent } from './payment-intent-params.js'

const CONFIRM = [
  'error_on_requires_action', 'expand', 'mandate_data', 'off_session', 'payment_method', 'payment_method_data', 'payment_method_options',
  'receipt_email', 'return_url', 'setup_future_usage', 'shipping', 'use_stripe_sdk'
]
const REASONS = ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] as const
const CANCELABLE = ['requires_payment_method', 'requires_capture', 'requires_confirmation', 'requires_action', 'processing']

/** `/v1/payment_intents` */
export function paymentIntentRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string): Stripe.PaymentIntent => {
    const found = state.paymentIntents.get(id)
    if (found === undefined) throw resourceMissing('payment_intent', id, 'intent', 404)
    return found
  }

  post(app, '/payment_intents', context, ({ form, origin }) => {
    const { request, confirm, method } = readPaymentIntent(context, form)
    if (confirm && method === undefined) throw missingMethod()
    const batch = context.events.batch(origin)
    const intent = createIntent(context, batch, request)
    if (method !== undefined) Object.assign(intent, { payment_method: method, status: 'requires_confirmation' })
    if (confirm) payIntent(context, batch, intent, outcomeOf(method))
    batch.send()
    if (confirm) refuseDeclined(intent)
    return intent
  })

  get(app, '/payment_intents', context, ({ form }) => {
    const customer = readString(form, 'customer')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/payment_intents',
      query: form,
      items: state.paymentIntents.values(),
      resource: 'payment_intent',
      filters: ['created', 'customer'],
      matches: (one) => created(one) && (customer === undefined || (one.customer !== null && idOf(one.customer) === customer))
    })
  })

  get(app, '/payment_intents/:id', context, ({ params }) => find(params.id))

  post(app, '/payment_intents/:id/confirm', context, ({ params, form, origin }) => {
    const intent = find(params.id)
    refuseUnknown(form, CONFIRM)
    if (usedBy(context, intent) !== null) throw notInSandbox('confirm of an invoice\'s or a Checkout Session\'s PaymentIntent')
    if (intent.status === 'succeeded') {
      throw unexpected('You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.', intent)
    }
    if (!['requires_payment_method', 'requires_confirmation'].includes(intent.status)) {
      throw unexpected(
        `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the ` +
        'following statuses may be confirmed: requires_confirmation, requires_action.', intent
      )
    }
    const method = readString(form, 'payment_method') ?? (intent.payment_method === null ? undefined : idOf(intent.payment_method))
    if (method === undefined) throw missingMethod(intent)
    const batch = context.events.batch(origin)
    payIntent(context, batch, intent, outcomeOf(method))
    batch.send()
    refuseDeclined(intent)
    return intent
  })

  post(app, '/payment_intents/:id/capture', context, ({ params, form, origin }) => {
    const intent = find(params.id)
    if (intent.status !== 'requires_capture') {
      throw unexpected(
        `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of ` +
        'the following statuses may be captured: requires_capture.', intent
      )
    }
    const amount = readCapture(form, intent.amount_capturable)
    Object.assign(intent.metadata, readMetadata(form))
    const batch = context.events.batch(origin)
    captureMoney(context, batch, paymentOf(context, intent.id), amount)
    batch.send()
    return intent
  })

  post(app, '/payment_intents/:id/cancel', context, ({ params, form, origin }) => {
    const intent = find(params.id)
    refuseUnknown(form, ['cancellation_reason', 'expand'])
    const reason = readChoice(form, 'cancellation_reason', REASONS)
    if (!CANCELABLE.includes(intent.status)) {
      throw unexpected(
        `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the ` +
        `following statuses may be canceled: ${CANCELABLE.join(', ')}.`, intent
      )
    }
    if (usedBy(context, intent) === 'invoice') throw notInSandbox('cancel of an invoice\'s PaymentIntent')
    const batch = context.events.batch(origin)
    cancelIntent(context, batch, intent, reason ?? null)
    batch.send()
    return intent
  })
}

function unexpected (message: string, intent: Stripe.PaymentIntent): StripeSandboxError {
  return new StripeSandboxError(400, {
    type: 'invalid_request_error', code: 'payment_intent_unexpected_state', message, payment_intent: intent
  })
}

function missingMethod (intent?: Stripe.PaymentIntent): StripeSandboxError {
  const message = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the " +
    'PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.'
  return intent === undefined ? invalidRequest(message, undefined, 'payment_intent_unexpected_state') : unexpected(message, intent)
}
