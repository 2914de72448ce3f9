import type { SandboxContext } from '../context.js'
import { payIntent, usedBy } from '../flows/intent.js'
import type { PaymentOutcome } from '../flows/invoice.js'
import { bankDebitType } from '../objects/index.js'
import { conflict, notFound } from './errors.js'
import { IdParams, PayIntentBody } from './schemas.js'
import type { ControlApp } from './schemas.js'

const OUTCOMES = { paid: 'succeeds', failed: 'fails', processing: 'pends' } as const satisfies Record<string, PaymentOutcome>

/** `/_sandbox/payment_intents/:id/pay`: what a buyer does in the app's own payment form, and the buyer's bank. */
export function paymentIntentControl (app: ControlApp, context: SandboxContext): void {
  app.post('/payment_intents/:id/pay', { schema: { params: IdParams, body: PayIntentBody } }, async ({ params, body }) => {
    const intent = context.state.paymentIntents.get(params.id)
    if (intent === undefined) throw notFound('payment_intent', params.id)
    const outcome = OUTCOMES[body.outcome ?? 'paid']
    const user = usedBy(context, intent)
    if (user !== null) {
      throw conflict('NOT_OF_THE_APP', `The PaymentIntent '${intent.id}' belongs to ${user === 'invoice' ? 'an invoice: pay that' : 'a Checkout Session: pay that'}.`)
    }
    const payable = intent.status === 'requires_payment_method' || intent.status === 'requires_confirmation' ||
      (intent.status === 'processing' && outcome !== 'pends')
    if (!payable) throw conflict('NOT_PAYABLE', `The PaymentIntent '${intent.id}' is ${intent.status}.`)
    if (outcome === 'pends' && (intent.capture_method === 'manual' || bankDebitType(intent.currency) === null)) {
      throw conflict('NO_BANK_DEBIT', `Stripe offers no bank debit for the PaymentIntent '${intent.id}'.`)
    }
    const batch = context.events.batch()
    payIntent(context, batch, intent, outcome)
    const charge = intent.latest_charge === null ? null : context.state.charges.get(String(intent.latest_charge)) ?? null
    return { payment_intent: intent, charge, events: await batch.send() }
  })
}
