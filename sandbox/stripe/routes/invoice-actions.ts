import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import { timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import { intentOf, paymentsOf } from '../flows/invoice.js'
import { addItem, createManualInvoice, finalizeManually } from '../flows/manual-invoice.js'
import { payInvoice } from '../flows/renew.js'
import { readMetadata } from '../metadata.js'
import { readBoolean, readChoice, readInteger, readString, refuseUnknown } from '../params.js'
import type { Form } from '../params.js'
import { post } from './api.js'
import { outcomeOf, refuseDeclined } from './declines.js'

const DAY = 86_400
const READ = [
  'auto_advance', 'collection_method', 'currency', 'customer', 'days_until_due', 'description', 'due_date', 'expand', 'metadata',
  'pending_invoice_items_behavior'
]
const ABSENT = [
  'account_tax_ids', 'application_fee_amount', 'automatic_tax', 'automatically_finalizes_at', 'custom_fields', 'customer_account',
  'default_payment_method', 'default_source', 'default_tax_rates', 'discounts', 'effective_at', 'footer', 'from_invoice', 'issuer',
  'number', 'on_behalf_of', 'payment_settings', 'rendering', 'shipping_cost', 'shipping_details', 'statement_descriptor', 'subscription',
  'transfer_data'
]

/** `POST /v1/invoices` and what follows it: one-off invoices. */
export function invoiceActionRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string): Stripe.Invoice => {
    const found = state.invoices.get(id)
    if (found === undefined) throw resourceMissing('invoice', id, 'invoice', 404)
    return found
  }

  post(app, '/invoices', context, ({ form, origin }) => {
    refuseUnknown(form, [...READ, ...ABSENT])
    for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
    const id = readString(form, 'customer')
    if (id === undefined) throw parameterMissing('customer')
    const customer = state.customers.get(id)
    if (customer === undefined) throw resourceMissing('customer', id, 'customer')
    const pending = readChoice(form, 'pending_invoice_items_behavior', ['exclude', 'include']) === 'include'
      ? [...state.invoiceItems.values()].filter((item) => item.customer === id && item.invoice === null)
      : []
    const to = {
      auto_advance: readBoolean(form, 'auto_advance') ?? false,
      currency: readString(form, 'currency')?.toLowerCase() ?? pending[0]?.currency ?? customer.currency ?? 'usd',
      customer: id,
      description: readString(form, 'description', { max: 1500 }) ?? null,
      metadata: readMetadata(form),
      ...readTerms(context, form)
    }
    const batch = context.events.batch(origin)
    const made = createManualInvoice(context, batch, to)
    for (const item of pending) if (item.currency === made.currency) addItem(context, made, item)
    if (pending.length > 0) batch.add('invoice.updated', made)
    batch.send()
    return made
  })

  post(app, '/invoices/:id/finalize', context, ({ params, form, origin }) => {
    const made = find(params.id)
    refuseUnknown(form, ['auto_advance', 'expand'])
    const advances = readBoolean(form, 'auto_advance')
    if (made.status !== 'draft') throw invalidRequest('This invoice is already finalized, you can\'t re-finalize a non-draft invoice.', undefined, 'invoice_not_editable')
    if (advances !== undefined) made.auto_advance = advances
    const batch = context.events.batch(origin)
    finalizeManually(context, batch, made)
    batch.send()
    return made
  })

  post(app, '/invoices/:id/pay', context, ({ params, form, origin }) => {
    const made = find(params.id)
    refuseUnknown(form, ['expand', 'forgive', 'mandate', 'off_session', 'paid_out_of_band', 'payment_method', 'source'])
    if (form.forgive !== undefined) throw notInSandbox('forgive')
    const outOfBand = readBoolean(form, 'paid_out_of_band') ?? false
    const method = readString(form, 'payment_method')
    if (made.status === 'paid') throw invalidRequest('Invoice is already paid')
    const batch = context.events.batch(origin)
    if (made.status === 'draft') finalizeManually(context, batch, made)
    if (made.status !== 'open') {
      batch.send()
      return made
    }
    const intent = state.paymentIntents.get(paymentsOf(context, made.id).map(intentOf).at(-1) ?? '')
    if (intent?.status !== 'requires_payment_method') {
      throw invalidRequest('This invoice has a payment that is processing; wait for it before you pay again.')
    }
    payInvoice(context, batch, made, intent, outcomeOf(method), outOfBand ? made.amount_remaining : 0)
    batch.send()
    if (!outOfBand) refuseDeclined(intent)
    return made
  })
}

function readTerms (context: SandboxContext, form: Form): Pick<Stripe.Invoice, 'collection_method' | 'due_date'> {
  const method = readChoice(form, 'collection_method', ['charge_automatically', 'send_invoice']) ?? 'charge_automatically'
  const days = readInteger(form, 'days_until_due', { min: 0 })
  const date = readInteger(form, 'due_date')
  if (method === 'charge_automatically') {
    const given = days !== undefined ? 'days_until_due' : date !== undefined ? 'due_date' : undefined
    if (given !== undefined) throw invalidRequest(`\`${given}\` can only be used when \`collection_method\` is \`send_invoice\`.`, given)
    return { collection_method: method, due_date: null }
  }
  if (days === undefined && date === undefined) {
    throw invalidRequest('If invoice `collection_method`=`send_invoice`, you must specify `due_date` or `days_until_due`.')
  }
  return { collection_method: method, due_date: date ?? timestamp(context) + (days ?? 0) * DAY }
}
