import type Stripe from 'stripe'
import { newId, unixSeconds } from '../ids.js'

/** The `parent` of a subscription's invoice (API versions from 2025-03-31.basil on). */
export function subscriptionParent (subscription: string, metadata: Stripe.Metadata = {}): Stripe.Invoice.Parent {
  return {
    quote_details: null,
    subscription_details: { metadata, subscription },
    type: 'subscription_details'
  }
}

/** The `parent` of the invoice of a quote without recurring prices. */
export function quoteParent (quote: string): Stripe.Invoice.Parent {
  return { quote_details: { quote }, subscription_details: null, type: 'quote_details' }
}

/** A list object as Stripe nests it. */
export function apiList<T> (url: string, data: T[] = [], hasMore = false): Stripe.ApiList<T> {
  return { object: 'list', data, has_more: hasMore, url }
}

/** How many lines an object shows of itself; the others are listed. */
export const SHOWN_LINES = 10

/** An object as it is shown: an invoice with its first lines. */
export function withFirstLines<T extends object> (shown: T): T {
  const { object, lines } = shown as Partial<Stripe.Invoice>
  if (object !== 'invoice' || lines === undefined || lines.data.length <= SHOWN_LINES) return shown
  return { ...shown, lines: firstLines(lines.url, lines.data) }
}

/** The first page of lines, as it is shown within what they belong to. */
export function firstLines<T> (url: string, lines: T[]): Stripe.ApiList<T> {
  return apiList(url, lines.slice(0, SHOWN_LINES), lines.length > SHOWN_LINES)
}

/** A complete invoice, a draft without lines unless told otherwise. */
export function invoice (overrides: Partial<Stripe.Invoice> = {}): Stripe.Invoice {
  const id = overrides.id ?? newId('in_1')
  const created = overrides.created ?? unixSeconds()
  const total = overrides.total ?? 0
  const due = overrides.amount_due ?? Math.max(total, 0)
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    created,
    currency: 'usd',
    custom_fields: null,
    customer: null,
    customer_account: null,
    customer_address: null,
    customer_email: null,
    customer_name: null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: apiList(`/v1/invoices/${id}/lines`),
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: created,
    period_start: created,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: created,
    ...overrides
  }
}
