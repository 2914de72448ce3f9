import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { parameterMissing, resourceMissing } from '../errors.js'
import { intentOf } from '../flows/invoice.js'
import { createdFilter, listPage } from '../list.js'
import { readChoice, readObject, readString, refuseUnknown } from '../params.js'
import { get } from './api.js'

/** `/v1/invoice_payments` */
export function invoicePaymentRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  get(app, '/invoice_payments', context, ({ form }) => {
    const invoice = readString(form, 'invoice')
    const status = readChoice(form, 'status', ['canceled', 'open', 'paid'])
    const payment = readObject(form, 'payment')
    const created = createdFilter(form)
    if (payment !== undefined) refuseUnknown(payment, ['payment_intent', 'payment_record', 'type'], 'payment')
    const type = payment && readChoice(payment, 'type', ['payment_intent', 'payment_record'], 'payment')
    if (payment !== undefined && type === undefined) throw parameterMissing('payment[type]')
    const intent = payment && readString(payment, 'payment_intent', { parent: 'payment' })
    return listPage({
      context,
      url: '/v1/invoice_payments',
      query: form,
      items: state.invoicePayments.values(),
      resource: 'invoice_payment',
      filters: ['created', 'invoice', 'payment', 'status'],
      matches: (one) => created(one) && (status === undefined || one.status === status) &&
        (invoice === undefined || idOf(one.invoice) === invoice) &&
        (type === undefined || one.payment.type === type) &&
        (intent === undefined || intentOf(one) === intent)
    })
  })

  get(app, '/invoice_payments/:id', context, ({ params }) => {
    const found = state.invoicePayments.get(params.id)
    if (found === undefined) throw resourceMissing('invoice_payment', params.id, 'invoice_payment', 404)
    return found
  })
}
