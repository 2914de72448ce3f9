import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import { createItem } from '../flows/manual-invoice.js'
import { readMetadata } from '../metadata.js'
import { linePricing } from '../objects/index.js'
import { readInteger, readObject, readString, refuseUnknown, requireString } from '../params.js'
import type { Form } from '../params.js'
import { productName } from '../catalog.js'
import { get, post } from './api.js'

const READ = ['amount', 'currency', 'customer', 'description', 'expand', 'invoice', 'metadata', 'pricing', 'quantity']
const ABSENT = [
  'customer_account', 'discountable', 'discounts', 'period', 'price_data', 'quantity_decimal', 'subscription', 'tax_behavior', 'tax_code',
  'tax_rates', 'unit_amount_decimal'
]

/** `/v1/invoiceitems` */
export function invoiceItemRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context

  post(app, '/invoiceitems', context, ({ form, origin }) => {
    refuseUnknown(form, [...READ, ...ABSENT])
    for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
    const customer = requireString(form, 'customer')
    if (!state.customers.has(customer)) throw resourceMissing('customer', customer, 'customer')
    const made = readDraft(context, form, customer)
    const billed = readBilled(context, form)
    if (made !== null && made.currency !== billed.currency) {
      throw invalidRequest(`The currency of the invoice item (${billed.currency}) must match that of the invoice (${made.currency}).`, 'currency')
    }
    const batch = context.events.batch(origin)
    const item = createItem(context, batch, {
      ...billed,
      customer,
      metadata: readMetadata(form),
      description: readString(form, 'description') ?? billed.description
    }, made)
    batch.send()
    return item
  })

  get(app, '/invoiceitems/:id', context, ({ params }) => {
    const found = state.invoiceItems.get(params.id)
    if (found === undefined) throw resourceMissing('invoiceitem', params.id, 'invoiceitem', 404)
    return found
  })
}

function readDraft ({ state }: SandboxContext, form: Form, customer: string): Stripe.Invoice | null {
  const id = readString(form, 'invoice')
  if (id === undefined) return null
  const made = state.invoices.get(id)
  if (made === undefined) throw resourceMissing('invoice', id, 'invoice')
  if (made.customer !== customer) throw invalidRequest(`The invoice ${id} belongs to another customer.`, 'invoice')
  if (made.status !== 'draft') {
    throw invalidRequest(
      `You can only add invoice items to draft invoices: the invoice ${id} is already finalized.`, 'invoice', 'invoice_not_editable'
    )
  }
  return made
}

/** An amount, or a price times a quantity. */
function readBilled ({ state }: SandboxContext, form: Form): Pick<Stripe.InvoiceItem, 'amount' | 'currency' | 'description' | 'pricing' | 'quantity'> {
  const amount = readInteger(form, 'amount')
  const pricing = readObject(form, 'pricing')
  if (amount !== undefined && pricing !== undefined) {
    throw invalidRequest('You may only specify one of these parameters: amount, pricing.', 'amount')
  }
  if (pricing === undefined) {
    if (amount === undefined) throw parameterMissing('amount')
    if (form.quantity !== undefined) throw invalidRequest('You may only specify one of these parameters: amount, quantity.', 'quantity')
    return { amount, currency: requireString(form, 'currency').toLowerCase(), description: null, pricing: null, quantity: 1 }
  }
  refuseUnknown(pricing, ['price'], 'pricing')
  const id = requireString(pricing, 'price', { parent: 'pricing' })
  const price = state.prices.get(id)
  if (price === undefined) throw resourceMissing('price', id, 'pricing[price]')
  if (price.type === 'recurring') {
    throw invalidRequest('The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.', 'pricing[price]')
  }
  const quantity = readInteger(form, 'quantity', { min: 1 }) ?? 1
  const { price_details: details, unit_amount_decimal: unitAmount } = linePricing(price)
  return {
    amount: (price.unit_amount ?? 0) * quantity,
    currency: price.currency,
    description: productName(state, price),
    pricing: { ...(details && { price_details: details }), type: 'price_details', unit_amount_decimal: unitAmount },
    quantity
  }
}
