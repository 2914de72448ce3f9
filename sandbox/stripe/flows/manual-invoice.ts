import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { bankDebitType, invoiceItem, invoiceLineItem, itemLineParent } from '../objects/index.js'
import { computeDue, draftInvoice, finalizeInvoice } from './invoice-draft.js'
import type { Addressee } from './invoice-draft.js'
import { markPaid, openPayment } from './invoice.js'

/** Makes a draft without lines, as the shop does by the API or in its Dashboard. */
export function createManualInvoice (context: SandboxContext, batch: EventBatch, to: Addressee): Stripe.Invoice {
  const now = timestamp(context)
  const amounts = { subtotal: 0, discount: 0, tax: 0, total: 0 }
  return draftInvoice(context, batch, to, { reason: 'manual', lines: [], amounts, periodStart: now, periodEnd: now })
}

/** Makes an invoice item; without an invoice it waits for one. */
export function createItem (
  context: SandboxContext, batch: EventBatch, details: Partial<Stripe.InvoiceItem>, made: Stripe.Invoice | null
): Stripe.InvoiceItem {
  const item = invoiceItem({ date: timestamp(context), ...details })
  context.state.invoiceItems.set(item.id, item)
  if (made !== null) addItem(context, made, item)
  batch.add('invoiceitem.created', item)
  if (made !== null) batch.add('invoice.updated', made)
  return item
}

/** Puts an item on a draft. */
export function addItem (context: SandboxContext, made: Stripe.Invoice, item: Stripe.InvoiceItem): void {
  const price = item.pricing?.price_details
  item.invoice = made.id
  made.lines.data.push(invoiceLineItem({
    amount: item.amount,
    currency: item.currency,
    description: item.description,
    invoice: made.id,
    metadata: { ...item.metadata },
    parent: itemLineParent(item.id),
    period: item.period,
    pricing: price === undefined || item.pricing === null
      ? null
      : { price_details: price, type: 'price_details', unit_amount_decimal: item.pricing.unit_amount_decimal },
    quantity: item.quantity,
    subtotal: item.amount
  }))
  made.total += item.amount
  made.subtotal = made.total
  made.subtotal_excluding_tax = made.total
  made.total_excluding_tax = made.total
  computeDue(customerOf(context, made), made)
}

/**
 * Finalizes a draft; its PaymentIntent waits to be paid. What the customer's balance covers is paid at once. Stripe would
 * try the customer's card about an hour later if `auto_advance` is set; here somebody has to pay.
 */
export function finalizeManually (context: SandboxContext, batch: EventBatch, made: Stripe.Invoice): void {
  finalizeInvoice(context, batch, made)
  awaitPayment(context, batch, made)
}

/** Leaves an open invoice to be paid; one of nothing is paid already. */
export function awaitPayment (context: SandboxContext, batch: EventBatch, made: Stripe.Invoice): void {
  if (made.amount_due === 0) {
    made.attempted = true
    markPaid(context, batch, made)
    return
  }
  const debit = bankDebitType(made.currency)
  openPayment(context, batch, made, debit === null ? ['card'] : ['card', debit], 'Payment for Invoice')
}

function customerOf ({ state }: SandboxContext, made: Stripe.Invoice): Stripe.Customer {
  return stored(state.customers, made.customer === null ? '' : idOf(made.customer))
}
