import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { resourceMissing } from '../errors.js'
import { createdFilter, listPage } from '../list.js'
import { readString } from '../params.js'
import { get } from './api.js'

/** `/v1/subscriptions` */
export function subscriptionRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  get(app, '/subscriptions', context, ({ form }) => {
    const customer = readString(form, 'customer')
    const status = readString(form, 'status')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/subscriptions',
      query: form,
      items: state.subscriptions.values(),
      resource: 'subscription',
      filters: ['created', 'customer', 'status'],
      // Cancelled ones are left out unless asked for (docs.stripe.com/api/subscriptions/list).
      matches: (one) => created(one) && (customer === undefined || idOf(one.customer) === customer) &&
        (status === 'all' || (status === undefined ? one.status !== 'canceled' : one.status === status))
    })
  })

  get(app, '/subscriptions/:id', context, ({ params }) => {
    const found = state.subscriptions.get(params.id)
    if (found === undefined) throw resourceMissing('subscription', params.id, 'id', 404)
    return found
  })
}
