import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import type { SandboxContext } from '../context.js'
import { invalidRequest, parameterMissing, resourceMissing } from '../errors.js'
import { adjustBalance } from '../flows/balance.js'
import { createCustomer } from '../flows/customer.js'
import { createdFilter, listPage } from '../list.js'
import { readMetadata } from '../metadata.js'
import { readInteger, readString, refuseUnknown, requireString } from '../params.js'
import { get, post } from './api.js'

/** Whether a text has the form of an e-mail address. */
export function isEmail (text: string): boolean {
  return /^[^\s@<>"]+@[^\s@<>".]+(\.[^\s@<>".]+)+$/.test(text)
}

/** `/v1/customers` */
export function customerRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string, param: string): Stripe.Customer => {
    const found = state.customers.get(id)
    if (found === undefined) throw resourceMissing('customer', id, param, 404)
    return found
  }

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

  get(app, '/customers/:id', context, ({ params }) => find(params.id, 'id'))

  post(app, '/customers/:id/balance_transactions', context, ({ params, form, origin }) => {
    refuseUnknown(form, ['amount', 'currency', 'description', 'expand', 'metadata'])
    const customer = find(params.id, 'customer')
    const amount = readInteger(form, 'amount')
    if (amount === undefined) throw parameterMissing('amount')
    const batch = context.events.batch(origin)
    const made = adjustBalance(context, batch, customer, {
      amount,
      currency: requireString(form, 'currency').toLowerCase(),
      description: readString(form, 'description', { max: 350 }) ?? null,
      metadata: readMetadata(form),
      type: 'adjustment'
    })
    batch.send()
    return made
  })

  get(app, '/customers/:id/balance_transactions', context, ({ params, form }) => {
    const customer = find(params.id, 'customer')
    const invoice = readString(form, 'invoice')
    const created = createdFilter(form)
    return listPage({
      context,
      url: `/v1/customers/${customer.id}/balance_transactions`,
      query: form,
      items: state.balanceTransactions.values(),
      resource: 'customer_balance_transaction',
      filters: ['created', 'invoice'],
      matches: (one) => created(one) && one.customer === customer.id && (invoice === undefined || one.invoice === invoice)
    })
  })
}
