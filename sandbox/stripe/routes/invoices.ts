import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { resourceMissing } from '../errors.js'
import { createdFilter, linesPage, listPage } from '../list.js'
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

  const find = (id: string) => {
    const found = state.invoices.get(id)
    if (found === undefined) throw resourceMissing('invoice', id, 'invoice', 404)
    return found
  }

  get(app, '/invoices/:id', context, ({ params }) => find(params.id))

  get(app, '/invoices/:id/lines', context, ({ params, form }) => {
    const { lines } = find(params.id)
    return linesPage(lines.url, form, lines.data)
  })
}
