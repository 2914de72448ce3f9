import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, resourceMissing } from '../errors.js'
import type { EventBatch } from '../events.js'
import { acceptQuote, cancelQuote, createQuote, finalizeQuote } from '../flows/quote.js'
import { createdFilter, listPage } from '../list.js'
import { readMetadata } from '../metadata.js'
import { apiList } from '../objects/index.js'
import { readChoice, readInteger, readObject, readString, refuseUnknown } from '../params.js'
import type { Form } from '../params.js'
import { get, post } from './api.js'
import { readQuoteItems } from './line-item-params.js'

const READ = [
  'collection_method', 'customer', 'description', 'expand', 'expires_at', 'footer', 'header', 'line_items', 'metadata', 'subscription_data'
]
const ABSENT = [
  'application_fee_amount', 'application_fee_percent', 'automatic_tax', 'customer_account', 'default_tax_rates', 'discounts', 'from_quote',
  'invoice_settings', 'on_behalf_of', 'test_clock', 'transfer_data'
]
const SUBSCRIPTION_DATA = ['billing_mode', 'description', 'effective_date', 'metadata', 'trial_period_days']

/** `/v1/quotes` */
export function quoteRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string): Stripe.Quote => {
    const found = state.quotes.get(id)
    if (found === undefined) throw resourceMissing('quote', id, 'quote', 404)
    return found
  }

  post(app, '/quotes', context, ({ form, origin }) => {
    refuseUnknown(form, [...READ, ...ABSENT])
    for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
    const customer = readString(form, 'customer')
    if (customer !== undefined && !state.customers.has(customer)) throw resourceMissing('customer', customer, 'customer')
    if (readChoice(form, 'collection_method', ['charge_automatically', 'send_invoice']) === 'send_invoice') {
      throw notInSandbox('collection_method: send_invoice')
    }
    const expiry = readInteger(form, 'expires_at')
    if (expiry !== undefined && expiry <= timestamp(context)) throw invalidRequest('`expires_at` must be in the future.', 'expires_at')
    const batch = context.events.batch(origin)
    const made = createQuote(context, batch, {
      customer: customer ?? null,
      description: readString(form, 'description', { max: 500 }) ?? null,
      footer: readString(form, 'footer', { max: 500 }) ?? null,
      header: readString(form, 'header', { max: 50 }) ?? null,
      metadata: readMetadata(form),
      subscription_data: readSubscriptionData(form),
      ...(expiry !== undefined && { expires_at: expiry })
    }, readQuoteItems(context, form))
    batch.send()
    return made
  })

  get(app, '/quotes', context, ({ form }) => {
    const customer = readString(form, 'customer')
    const status = readChoice(form, 'status', ['accepted', 'canceled', 'draft', 'open'])
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/quotes',
      query: form,
      items: state.quotes.values(),
      resource: 'quote',
      filters: ['created', 'customer', 'status'],
      matches: (one) => created(one) && (customer === undefined || one.customer === customer) && (status === undefined || one.status === status)
    })
  })

  get(app, '/quotes/:id', context, ({ params }) => find(params.id))

  get(app, '/quotes/:id/line_items', context, ({ params }) =>
    apiList(`/v1/quotes/${find(params.id).id}/line_items`, state.quoteItems.get(params.id)?.lineItems ?? []))

  /** A step of a quote that Stripe allows in some statuses only. */
  const step = (
    name: string, statuses: readonly string[], take: (context: SandboxContext, batch: EventBatch, made: Stripe.Quote) => void
  ): void => {
    post(app, `/quotes/:id/${name}`, context, ({ params, form, origin }) => {
      const made = find(params.id)
      refuseUnknown(form, name === 'finalize' ? ['expand', 'expires_at'] : ['expand'])
      if (!statuses.includes(String(made.status))) {
        throw invalidRequest(
          `This quote cannot be ${name === 'cancel' ? 'canceled' : name === 'accept' ? 'accepted' : 'finalized'} because it has a status of ${made.status}. ` +
          `Only a quote with one of the following statuses may be: ${statuses.join(', ')}.`
        )
      }
      if (name === 'finalize') refuseIncomplete(context, made)
      const batch = context.events.batch(origin)
      take(context, batch, made)
      batch.send()
      return made
    })
  }
  step('finalize', ['draft'], finalizeQuote)
  step('accept', ['open'], acceptQuote)
  step('cancel', ['draft', 'open'], cancelQuote)
}

function refuseIncomplete ({ state }: SandboxContext, made: Stripe.Quote): void {
  if (made.customer === null) throw invalidRequest('A customer is required to finalize a quote.', 'customer')
  if (state.quoteItems.get(made.id)?.lineItems.length === 0) throw invalidRequest('A quote needs at least one line item to be finalized.', 'line_items')
}

function readSubscriptionData (form: Form): Stripe.Quote.SubscriptionData {
  const parent = 'subscription_data'
  const data = readObject(form, parent) ?? {}
  refuseUnknown(data, SUBSCRIPTION_DATA, parent)
  for (const name of ['billing_mode', 'effective_date']) if (data[name] !== undefined) throw notInSandbox(`${parent}[${name}]`)
  return {
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    description: readString(data, 'description', { max: 500, parent }) ?? null,
    effective_date: null,
    metadata: readMetadata(data, parent),
    trial_period_days: readInteger(data, 'trial_period_days', { min: 1, max: 730, parent }) ?? null
  }
}
