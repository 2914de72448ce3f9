import type { FastifyInstance } from 'fastify'
import type Stripe from 'stripe'
import type { SandboxContext } from '../context.js'
import { invalidRequest, notInSandbox, parameterMissing, resourceMissing } from '../errors.js'
import { issueCreditNote, voidCreditNote } from '../flows/credit-note.js'
import { createdFilter, listPage } from '../list.js'
import { readMetadata } from '../metadata.js'
import { readChoice, readInteger, readString, refuseUnknown, requireString } from '../params.js'
import { get, post } from './api.js'

const READ = [
  'amount', 'credit_amount', 'email_type', 'expand', 'invoice', 'memo', 'metadata', 'out_of_band_amount', 'reason', 'refund_amount'
]
const ABSENT = ['effective_at', 'lines', 'refunds', 'shipping_cost']
const REASONS = ['duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'] as const

/** `/v1/credit_notes` */
export function creditNoteRoutes (app: FastifyInstance, context: SandboxContext): void {
  const { state } = context
  const find = (id: string): Stripe.CreditNote => {
    const found = state.creditNotes.get(id)
    if (found === undefined) throw resourceMissing('credit_note', id, 'id', 404)
    return found
  }

  post(app, '/credit_notes', context, ({ form, origin }) => {
    refuseUnknown(form, [...READ, ...ABSENT])
    for (const name of ABSENT) if (form[name] !== undefined) throw notInSandbox(name)
    const id = requireString(form, 'invoice')
    const invoice = state.invoices.get(id)
    if (invoice === undefined) throw resourceMissing('invoice', id, 'invoice')
    if (invoice.status !== 'open' && invoice.status !== 'paid') {
      throw invalidRequest(`Credit notes can only be created for open or paid invoices; the invoice ${id} is ${invoice.status}.`, 'invoice')
    }
    const amount = readInteger(form, 'amount', { min: 1 })
    if (amount === undefined) throw parameterMissing('amount')
    const batch = context.events.batch(origin)
    const made = issueCreditNote(context, batch, invoice, {
      amount,
      creditAmount: readInteger(form, 'credit_amount', { min: 0 }) ?? 0,
      memo: readString(form, 'memo') ?? null,
      metadata: readMetadata(form),
      outOfBandAmount: readInteger(form, 'out_of_band_amount', { min: 0 }) ?? 0,
      reason: readChoice(form, 'reason', REASONS) ?? null,
      refundAmount: readInteger(form, 'refund_amount', { min: 0 }) ?? 0
    })
    batch.send()
    return made
  })

  get(app, '/credit_notes', context, ({ form }) => {
    const invoice = readString(form, 'invoice')
    const customer = readString(form, 'customer')
    const created = createdFilter(form)
    return listPage({
      context,
      url: '/v1/credit_notes',
      query: form,
      items: state.creditNotes.values(),
      resource: 'credit_note',
      filters: ['created', 'customer', 'invoice'],
      matches: (one) => created(one) && (invoice === undefined || one.invoice === invoice) && (customer === undefined || one.customer === customer)
    })
  })

  get(app, '/credit_notes/:id', context, ({ params }) => find(params.id))

  post(app, '/credit_notes/:id/void', context, ({ params, form, origin }) => {
    const made = find(params.id)
    refuseUnknown(form, ['expand'])
    const batch = context.events.batch(origin)
    voidCreditNote(context, batch, made)
    batch.send()
    return made
  })
}
