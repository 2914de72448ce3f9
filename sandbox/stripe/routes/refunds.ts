import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, resourceMissing } from '../errors.js'
import { createRefund } from '../flows/refund.js'
import { createdFilter, listPage } from '../list.js'
import { readMetadata } from '../metadata.js'
import { readChoice, readInteger, readString, refuseUnknown } from '../params.js'
import type { Form } from '../params.js'
import { get, post } from './api.js'

const READ = ['amount', 'charge', 'expand', 'metadata', 'payment_intent', 'reason']
const ABSENT = [
  'currency', 'customer', 'instructions_email', 'origin', 'refund_application_fee', 'reverse_transfer'
]

/** `/v1/refunds` */
export function refundRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  post(app, '/refunds', context, ({ form, origin }) => {
    refuseUnknown(form, [...READ, ...ABSENT])
    for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
    const charge = readCharge(context, form)
    const amount = readInteger(form, 'amount')
    if (amount !== undefined && amount < 1) {
      throw invalidRequest('Invalid positive integer', 'amount', 'parameter_invalid_integer')
    }
    const { refund } = createRefund(context, {
      charge,
      amount,
      metadata: readMetadata(form),
      reason: readChoice(form, 'reason', ['duplicate', 'fraudulent', 'requested_by_customer']) ?? null,
      status: 'succeeded'
    }, origin)
    return refund
  })

  get(app, '/refunds', context, ({ form }) => {
    const charge = readString(form, 'charge')
    const intent = readString(form, 'payment_intent')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/refunds',
      query: form,
      items: state.refunds.values(),
      resource: 'refund',
      filters: ['charge', 'created', 'payment_intent'],
      matches: (one) => created(one) &&
        (charge === undefined || (one.charge !== null && idOf(one.charge) === charge)) &&
        (intent === undefined || (one.payment_intent !== null && idOf(one.payment_intent) === intent))
    })
  })

  get(app, '/refunds/:id', context, ({ params }) => {
    const found = state.refunds.get(params.id)
    if (found === undefined) throw resourceMissing('refund', params.id, 'refund', 404)
    return found
  })
}

function readCharge (context: SandboxContext, form: Form): Stripe.Charge {
  const intentId = readString(form, 'payment_intent')
  const chargeId = readString(form, 'charge')
  if (intentId === undefined && chargeId === undefined) {
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.')
  }
  if (chargeId !== undefined) {
    const charge = context.state.charges.get(chargeId)
    if (charge === undefined) throw resourceMissing('charge', chargeId, 'charge')
    return charge
  }
  const id = intentId ?? ''
  const intent = context.state.paymentIntents.get(id)
  if (intent === undefined) throw resourceMissing('payment_intent', id, 'payment_intent')
  const charge = intent.latest_charge === null ? undefined : context.state.charges.get(idOf(intent.latest_charge))
  if (charge?.status !== 'succeeded') {
    throw invalidRequest(`This PaymentIntent (${id}) does not have a successful charge to refund.`, 'payment_intent')
  }
  return charge
}
