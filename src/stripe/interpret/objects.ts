import type Stripe from 'stripe'

/**
 * An invoice in the shape of any API version: the payload of an event follows the version of the webhook
 * endpoint, not that of the library. Basil (2025-03-31) moved or removed these fields:
 * https://docs.stripe.com/changelog/basil
 */
export type AnyInvoice = Stripe.Invoice & {
  subscription?: string | { id: string } | null
  subscription_details?: { metadata?: Stripe.Metadata | null } | null
  payment_intent?: string | { id: string } | null
  quote?: string | { id: string } | null
  paid_out_of_band?: boolean
  tax?: number | null
  total_tax_amounts?: Array<{ amount: number }> | null
}

/** A charge named its invoice before Basil, and held its refunds before 2022-11-15. */
export type AnyCharge = Stripe.Charge & { invoice?: string | { id: string } | null }

/** An event's dispute may lack what moved. */
export type AnyDispute = Omit<Stripe.Dispute, 'balance_transactions'> & Partial<Pick<Stripe.Dispute, 'balance_transactions'>>

interface Recurring { interval: string, interval_count: number }

/** A line of an invoice; before Basil it held its price, and a plan. */
export type AnyInvoiceLine = Stripe.InvoiceLineItem & {
  plan?: Recurring & { product?: string | { id: string } | null } | null
  price?: { recurring?: Recurring | null, product?: string | { id: string } | null } | null
}

/** The id of an object that may be expanded; undefined when there is none. */
export function idOf (object: string | { id: string } | null | undefined): string | undefined {
  return (typeof object === 'string' ? object : object?.id) || undefined
}

/** The ids among these that are there. */
export function idsOf (...objects: Array<string | { id: string } | null | undefined>): string[] {
  return objects.map(idOf).filter(id => id !== undefined)
}

/** Stripe's seconds as a time. */
export function timeOf (seconds: number): Date {
  return new Date(seconds * 1000)
}

export function subscriptionOfInvoice (invoice: AnyInvoice): string | undefined {
  return idOf(invoice.parent?.subscription_details?.subscription) ?? idOf(invoice.subscription)
}

/** The quote that was accepted by this invoice. */
export function quoteOfInvoice (invoice: AnyInvoice): string | undefined {
  return idOf(invoice.parent?.quote_details?.quote) ?? idOf(invoice.quote)
}

/**
 * The metadata of the invoice's subscription, as it was when the invoice was made. The oldest API versions
 * have it on the lines only.
 */
export function subscriptionMetadata (invoice: AnyInvoice): Stripe.Metadata {
  return invoice.parent?.subscription_details?.metadata ?? invoice.subscription_details?.metadata ??
    invoice.lines?.data.find(line => Object.keys(line.metadata ?? {}).length > 0)?.metadata ?? {}
}

/** Payment intents that paid the invoice, as far as the event names them. */
export function paymentIntentsOfInvoice (invoice: AnyInvoice): string[] {
  const payments = invoice.payments?.data.flatMap(({ payment }) => idsOf(payment.payment_intent)) ?? []
  return [...new Set([...payments, ...idsOf(invoice.payment_intent)])]
}

/** The tax within the invoice's total, in the currency's smallest unit. */
export function taxOfInvoice (invoice: AnyInvoice): number {
  const taxes = invoice.total_taxes ?? invoice.total_tax_amounts
  return taxes ? taxes.reduce((sum, { amount }) => sum + amount, 0) : invoice.tax ?? 0
}

export type BillingInterval = 'monthly' | 'quarterly' | 'annual'

const intervals: Record<string, BillingInterval> = { 'month 1': 'monthly', 'month 3': 'quarterly', 'year 1': 'annual' }

/** The billing interval in Affitor's words; undefined for those that it has no word for. */
export function billingInterval (recurring: Recurring | null | undefined): BillingInterval | undefined {
  return intervals[`${recurring?.interval} ${recurring?.interval_count}`]
}

/** The interval that the invoice itself tells; since Basil its lines name only their price. */
export function intervalOfInvoice (invoice: AnyInvoice): BillingInterval | undefined {
  return linesOf(invoice).map(line => billingInterval(line.price?.recurring ?? line.plan)).find(interval => interval !== undefined)
}

/** Id of the price that the subscription is paid for by this invoice. */
export function priceOfInvoice (invoice: AnyInvoice): string | undefined {
  return linesOf(invoice).filter(({ parent }) => parent?.type === 'subscription_item_details')
    .map(({ pricing }) => idOf(pricing?.price_details?.price)).find(price => price !== undefined)
}

/** What is charged before what is given back: after a change, the old price is a line too. */
function linesOf (invoice: AnyInvoice): AnyInvoiceLine[] {
  return ((invoice.lines?.data ?? []) as AnyInvoiceLine[]).toSorted((a, b) => b.amount - a.amount)
}

export function intervalOfSubscription (subscription: Stripe.Subscription | undefined): BillingInterval | undefined {
  return billingInterval(subscription?.items.data[0]?.price.recurring)
}
