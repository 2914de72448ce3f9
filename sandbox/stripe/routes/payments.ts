import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { resourceMissing } from '../errors.js'
import { createdFilter, listPage } from '../list.js'
import { readString } from '../params.js'
import { get } from './api.js'

/** `/v1/charges`, `/v1/disputes` */
export function paymentRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  get(app, '/charges', context, ({ form }) => {
    const customer = readString(form, 'customer')
    const intent = readString(form, 'payment_intent')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/charges',
      query: form,
      items: state.charges.values(),
      resource: 'charge',
      filters: ['created', 'customer', 'payment_intent'],
      matches: (one) => created(one) && (customer === undefined || (one.customer !== null && idOf(one.customer) === customer)) &&
        (intent === undefined || (one.payment_intent !== null && idOf(one.payment_intent) === intent))
    })
  })

  get(app, '/charges/:id', context, ({ params }) => {
    const found = state.charges.get(params.id)
    if (found === undefined) throw resourceMissing('charge', params.id, 'id', 404)
    return found
  })

  get(app, '/disputes', context, ({ form }) => {
    const charge = readString(form, 'charge')
    const intent = readString(form, 'payment_intent')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/disputes',
      query: form,
      items: state.disputes.values(),
      resource: 'dispute',
      filters: ['charge', 'created', 'payment_intent'],
      matches: (one) => created(one) && (charge === undefined || idOf(one.charge) === charge) &&
        (intent === undefined || (one.payment_intent !== null && idOf(one.payment_intent) === intent))
    })
  })

  get(app, '/disputes/:id', context, ({ params }) => {
    const found = state.disputes.get(params.id)
    if (found === undefined) throw resourceMissing('dispute', params.id, 'dispute', 404)
    return found
  })
}
