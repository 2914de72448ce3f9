import type Stripe from 'stripe'
import { idOf, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { methodType, paySession } from '../flows/checkout.js'
import type { CheckoutPayment } from '../flows/checkout.js'
import { expireSession, intentsOf, settleSession } from '../flows/session-end.js'
import type { EmittedEvent } from '../events.js'
import { conflict, notFound } from './errors.js'
import { IdParams, PayBody } from './schemas.js'
import type { ControlApp } from './schemas.js'

/** A session with everything that hangs on it. */
export interface CheckoutResult {
  session: Stripe.Checkout.Session
  customer: Stripe.Customer | null
  subscription: Stripe.Subscription | null
  invoice: Stripe.Invoice | null
  payment_intent: Stripe.PaymentIntent | null
  charge: Stripe.Charge | null
  events: EmittedEvent[]
}

/** `/_sandbox/checkout/sessions/:id/...`: what a buyer and the buyer's bank do. */
export function checkoutControl (app: ControlApp, context: SandboxContext): void {
  const find = (id: string): Stripe.Checkout.Session => {
    const session = context.state.sessions.get(id)
    if (session === undefined) throw notFound('checkout session', id)
    return session
  }

  app.post('/checkout/sessions/:id/pay', { schema: { params: IdParams, body: PayBody } }, async (request) => {
    const { method = 'card', email, discount_percent: discountPercent, tax_percent: taxPercent } = request.body
    return payCheckout(context, find(request.params.id), { method, email, discountPercent, taxPercent })
  })

  app.post('/checkout/sessions/:id/expire', { schema: { params: IdParams } }, async (request) => {
    const session = find(request.params.id)
    requireOpen(session)
    return answer(context, session, await expireSession(context, session))
  })

  for (const [action, cleared] of [['clear', true], ['fail-payment', false]] as const) {
    app.post(`/checkout/sessions/:id/${action}`, { schema: { params: IdParams } }, async (request) => {
      const session = find(request.params.id)
      const pending = intentsOf(context, session)
        .find((id) => context.state.paymentIntents.get(id)?.status === 'processing')
      if (pending === undefined) {
        throw conflict('NOT_PENDING', `The session '${session.id}' has no bank debit that waits to clear.`)
      }
      return answer(context, session, await settleSession(context, session, pending, cleared))
    })
  }
}

/**
 * Pays an open session; shared by the control surface and the payment page.
 * @throws ControlError when the session is not open, or has no such payment method.
 */
export async function payCheckout (
  context: SandboxContext, session: Stripe.Checkout.Session, payment: CheckoutPayment
): Promise<CheckoutResult> {
  if (session.status === 'open' && session.expires_at <= timestamp(context)) expireSession(context, session)
  requireOpen(session)
  const method = methodType(session, payment.method)
  if (method === null) {
    throw conflict('NO_BANK_DEBIT', `The session '${session.id}' offers no bank debit (${session.currency ?? 'no currency'}); pay by card.`)
  }
  return answer(context, session, await paySession(context, session, payment, method))
}

function requireOpen (session: Stripe.Checkout.Session): void {
  if (session.status !== 'open') {
    throw conflict('SESSION_NOT_OPEN', `The session '${session.id}' is ${session.status}, not open.`)
  }
}

function answer (context: SandboxContext, session: Stripe.Checkout.Session, events: EmittedEvent[]): CheckoutResult {
  const { state } = context
  const intent = state.paymentIntents.get(intentsOf(context, session).at(-1) ?? '') ?? null
  const lookUp = <T>(map: ReadonlyMap<string, T>, reference: string | { id: string } | null | undefined): T | null =>
    reference == null ? null : map.get(idOf(reference)) ?? null
  return {
    session,
    customer: lookUp(state.customers, session.customer),
    subscription: lookUp(state.subscriptions, session.subscription),
    invoice: lookUp(state.invoices, session.invoice),
    payment_intent: intent,
    charge: lookUp(state.charges, intent?.latest_charge),
    events
  }
}
