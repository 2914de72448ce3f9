import type { FastifyInstance } from 'fastify'
import type { SandboxContext } from '../context.js'
import { invalidRequest, resourceMissing } from '../errors.js'
import { createCustomer } from '../flows/customer.js'
import { createdFilter, listPage } from '../list.js'
import { readMetadata } from '../metadata.js'
import { readString, refuseUnknown } from '../params.js'
import { get, post } from './api.js'

/** Whether a text has the form of an e-mail address. */
export function isEmail (text: string): boolean {
  return /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/.test(text)
}

/** `/v1/customers` */
export function customerRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  post(app, '/customers', context, ({ form, origin }) => {
    refuseUnknown(form, ['description', 'email', 'expand', 'metadata', 'name', 'phone'])
    const email = readString(form, 'email', { max: 512 })
    if (email !== undefined && !isEmail(email)) throw invalidRequest(`Invalid email address: ${email}`, 'email', 'email_invalid')
    const batch = context.events.batch(origin)
    const made = createCustomer(context, batch, {
      description: readString(form, 'description') ?? null,
      email: email ?? null,
      metadata: readMetadata(form),
      name: readString(form, 'name', { max: 256 }) ?? null,
      phone: readString(form, 'phone', { max: 20 }) ?? null
    })
    batch.send()
    return made
  })

  get(app, '/customers', context, ({ form }) => {
    const email = readString(form, 'email')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/customers',
      query: form,
      items: state.customers.values(),
      resource: 'customer',
      filters: ['created', 'email'],
      matches: (one) => created(one) && (email === undefined || one.email === email)
    })
  })

  get(app, '/customers/:id', context, ({ params }) => {
    const found = state.customers.get(params.id)
    if (found === undefined) throw resourceMissing('customer', params.id, 'id', 404)
    return found
  })
}
