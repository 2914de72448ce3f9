import type { FastifyInstance } from 'fastify'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { resourceMissing } from '../errors.js'
import { createdFilter, listPage } from '../list.js'
import { readBoolean, readChoice, readString } from '../params.js'
import { get } from './api.js'

/** `/v1/prices`, `/v1/products` */
export function catalogRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  get(app, '/prices', context, ({ form }) => {
    const active = readBoolean(form, 'active')
    const currency = readString(form, 'currency')
    const product = readString(form, 'product')
    const type = readChoice(form, 'type', ['one_time', 'recurring'])
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/prices',
      query: form,
      items: state.prices.values(),
      resource: 'price',
      filters: ['active', 'created', 'currency', 'product', 'type'],
      matches: (one) => created(one) && (active === undefined || one.active === active) &&
        (currency === undefined || one.currency === currency) && (type === undefined || one.type === type) &&
        (product === undefined || idOf(one.product) === product)
    })
  })

  get(app, '/prices/:id', context, ({ params }) => {
    const found = state.prices.get(params.id)
    if (found === undefined) throw resourceMissing('price', params.id, 'price', 404)
    return found
  })

  get(app, '/products', context, ({ form }) => {
    const active = readBoolean(form, 'active')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/products',
      query: form,
      items: state.products.values(),
      resource: 'product',
      filters: ['active', 'created'],
      matches: (one) => created(one) && (active === undefined || one.active === active)
    })
  })

  get(app, '/products/:id', context, ({ params }) => {
    const found = state.products.get(params.id)
    if (found === undefined) throw resourceMissing('product', params.id, 'id', 404)
    return found
  })
}
