import type Stripe from 'stripe'
import { idOf, stored, timestamp } from '../context.js'
import type { SandboxContext } from '../context.js'
import type { EventBatch } from '../events.js'
import { newId } from '../ids.js'
import { apiList, invoice } from '../objects/index.js'
import type { Amounts } from './amounts.js'
import { taxes } from './amounts.js'
import { balanceFor, moveBalance } from './balance.js'

/** What a customer is billed for. */
export interface Bill {
  reason: Stripe.Invoice.BillingReason
  lines: Stripe.InvoiceLineItem[]
  amounts: Amounts
  periodStart: number
  periodEnd: number
  /** Paid already, so that the customer's balance has no part in it. */
  prepaid?: boolean
}

/** Whom a bill goes to, and what it came from. */
export interface Addressee extends Partial<Pick<
  Stripe.Invoice, 'auto_advance' | 'collection_method' | 'description' | 'due_date' | 'metadata' | 'parent'
>> {
  currency: string
  customer: string
}

/** Makes an invoice; it is a draft until it is finalized. */
export function draftInvoice (context: SandboxContext, batch: EventBatch, to: Addressee, bill: Bill): Stripe.Invoice {
  const customer = stored(context.state.customers, to.customer)
  const { amounts } = bill
  const discountId = amounts.discount > 0 ? newId('di_1') : null
  const made = invoice({
    ...to,
    billing_reason: bill.reason,
    created: timestamp(context),
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    discounts: discountId === null ? [] : [discountId],
    period_end: bill.periodEnd,
    period_start: bill.periodStart,
    subtotal: amounts.subtotal,
    subtotal_excluding_tax: amounts.subtotal,
    total: amounts.total,
    total_discount_amounts: discountId === null ? [] : [{ amount: amounts.discount, discount: discountId }],
    total_excluding_tax: amounts.total - amounts.tax,
    total_taxes: taxes(amounts)
  })
  customer.currency ??= made.currency
  for (const line of bill.lines) line.invoice = made.id
  made.lines = apiList(`/v1/invoices/${made.id}/lines`, bill.lines)
  if (!bill.prepaid) computeDue(customer, made)
  context.state.invoices.set(made.id, made)
  batch.add('invoice.created', made)
  return made
}

/** What is due of a draft as the customer's balance is now: a credit lowers it, a debit is added to it. */
export function computeDue (customer: Stripe.Customer, made: Stripe.Invoice): void {
  made.starting_balance = balanceFor(customer, made.currency)
  made.amount_due = Math.max(made.total + made.starting_balance, 0)
  made.amount_remaining = made.amount_due
}

/** Gives a draft its number and applies the customer's balance (docs.stripe.com/billing/customer/balance). */
export function finalizeInvoice (context: SandboxContext, batch: EventBatch, made: Stripe.Invoice, prepaid = false): void {
  const at = timestamp(context)
  const customer = stored(context.state.customers, made.customer === null ? '' : idOf(made.customer))
  const sequence = customer.next_invoice_sequence ?? 1
  made.number = `${customer.invoice_prefix ?? 'SANDBOX'}-${String(sequence).padStart(4, '0')}`
  customer.next_invoice_sequence = sequence + 1
  made.status = 'open'
  made.effective_at = at
  made.status_transitions.finalized_at = at
  if (!prepaid) applyBalance(context, customer, made)
  batch.add('invoice.finalized', made)
}

function applyBalance (context: SandboxContext, customer: Stripe.Customer, made: Stripe.Invoice): void {
  computeDue(customer, made)
  // What is left of a credit stays on the customer's balance; a debit is paid with the invoice.
  made.ending_balance = Math.min(made.total + made.starting_balance, 0)
  const moved = made.ending_balance - made.starting_balance
  if (moved !== 0) {
    moveBalance(context, customer, { amount: moved, currency: made.currency, invoice: made.id, type: 'applied_to_invoice' })
  }
}
