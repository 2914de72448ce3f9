import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { finalizeManually } from '../flows/manual-invoice.js'
import { payInvoice } from '../flows/renew.js'
import { conflict, ControlError, notFound } from './errors.js'
import { IdParams, PayInvoiceBody } from './schemas.js'
import type { ControlApp } from './schemas.js'
import { failedPayment } from './target.js'

/** `/_sandbox/invoices/:id/pay`: a customer pays an invoice that is open; a draft is finalized first. */
export function invoiceControl (app: ControlApp, context: SandboxContext): void {
  app.post('/invoices/:id/pay', { schema: { params: IdParams, body: PayInvoiceBody } }, async ({ params, body }) => {
    const invoice = context.state.invoices.get(params.id)
    if (invoice === undefined) throw notFound('invoice', params.id)
    const details = invoice.parent?.subscription_details
    const subscription = details == null ? undefined : context.state.subscriptions.get(idOf(details.subscription))
    if (subscription?.status === 'canceled') throw conflict('CANCELED', `The subscription '${subscription.id}' is cancelled.`)
    const batch = context.events.batch()
    if (invoice.status === 'draft') {
      finalizeManually(context, batch, invoice)
      // The customer's balance has paid it.
      if (invoice.amount_due === 0) return { subscription: null, invoice, payment_intent: null, events: await batch.send() }
    }
    const intent = failedPayment(context, invoice)
    if (intent === undefined) {
      throw conflict('NOT_COLLECTABLE', `The invoice '${invoice.id}' is ${invoice.status ?? 'a draft'} and has no payment that waits or failed.`)
    }
    const outOfBand = body.out_of_band === true ? body.amount ?? invoice.amount_due : 0
    if (outOfBand > invoice.amount_due) throw new ControlError(400, 'AMOUNT', `The invoice '${invoice.id}' is only of ${invoice.amount_due}.`)
    return { subscription: payInvoice(context, batch, invoice, intent, 'succeeds', outOfBand), invoice, payment_intent: intent, events: await batch.send() }
  })
}
