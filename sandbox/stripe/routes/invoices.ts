import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { resourceMissing } from '../errors.js'
import { createdFilter, listPage } from '../list.js'
import { readChoice, readString } from '../params.js'
import { get } from './api.js'

const STATUSES = ['draft', 'open', 'paid', 'uncollectible', 'void']

/** `/v1/invoices` */
export function invoiceRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  get(app, '/invoices', context, ({ form }) => {
    const customer = readString(form, 'customer')
    const status = readChoice(form, 'status', STATUSES)
    const subscription = readString(form, 'subscription')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/invoices',
      query: form,
      items: state.invoices.values(),
      resource: 'invoice',
      filters: ['created', 'customer', 'status', 'subscription'],
      matches: (one) => {
        const details = one.parent?.subscription_details
        return created(one) && (status === undefined || one.status === status) &&
          (customer === undefined || (one.customer !== null && idOf(one.customer) === customer)) &&
          (subscription === undefined || (details != null && idOf(details.subscription) === subscription))
      }
    })
  })

  get(app, '/invoices/:id', context, ({ params }) => {
    const found = state.invoices.get(params.id)
    if (found === undefined) throw resourceMissing('invoice', params.id, 'invoice', 404)
    return found
  })
}
