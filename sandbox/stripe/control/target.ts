import type Stripe from 'stripe'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { intentsOf } from '../flows/session-end.js'
import { intentOf, paymentsOf } from '../flows/invoice.js'
import { conflict, ControlError, notFound } from './errors.js'
import type { Target } from './schemas.js'

/**
 * The paid charge behind a payment intent, charge, Checkout Session or invoice.
 * @throws ControlError when there is none.
 */
export function findCharge (context: SandboxContext, target: Target): Stripe.Charge {
  const { charge, checkout_session: session, invoice, payment_intent: intent } = target
  const given = [charge, session, invoice, intent].filter((id) => id !== undefined)
  const [id] = given
  if (id === undefined || given.length > 1) {
    throw new ControlError(400, 'TARGET', 'Give exactly one of payment_intent, charge, checkout_session, invoice.')
  }
  if (charge !== undefined) return paidCharge(context, charge)
  const intents = intent !== undefined
    ? [intent]
    : session !== undefined ? sessionIntents(context, session) : invoiceIntents(context, id)
  for (const candidate of intents.reverse()) {
    const found = context.state.paymentIntents.get(candidate)
    if (found === undefined) throw notFound('payment_intent', candidate)
    if (found.latest_charge !== null && found.status === 'succeeded') return paidCharge(context, idOf(found.latest_charge))
  }
  throw conflict('NOT_PAID', `Nothing was paid yet for '${id}'.`)
}

/** The payment of an open invoice that waits for its first attempt, or failed and can be repeated. */
export function failedPayment (context: SandboxContext, invoice: Stripe.Invoice): Stripe.PaymentIntent | undefined {
  const intent = context.state.paymentIntents.get(paymentsOf(context, invoice.id).map(intentOf).at(-1) ?? '')
  return invoice.status === 'open' && intent?.status === 'requires_payment_method' ? intent : undefined
}

function paidCharge (context: SandboxContext, id: string): Stripe.Charge {
  const found = context.state.charges.get(id)
  if (found === undefined) throw notFound('charge', id)
  if (found.status !== 'succeeded' || !found.captured) throw conflict('NOT_PAID', `The charge '${id}' has not been paid.`)
  return found
}

function sessionIntents (context: SandboxContext, id: string): string[] {
  const session = context.state.sessions.get(id)
  if (session === undefined) throw notFound('checkout session', id)
  return intentsOf(context, session)
}

function invoiceIntents (context: SandboxContext, id: string): string[] {
  if (!context.state.invoices.has(id)) throw notFound('invoice', id)
  return paymentsOf(context, id).flatMap((link) => intentOf(link) ?? [])
}
