import type Stripe from 'stripe'

/**
 * An invoice in the shape of any API version: the payload of an event follows the version of the webhook
 * endpoint, not that of the library. Basil (2025-03-31) moved these fields:
 * https://docs.stripe.com/changelog/basil
 */
export type AnyInvoice = Stripe.Invoice & {
  subscription?: string | { id: string } | null
  subscription_details?: { metadata?: Stripe.Metadata | null } | null
  payment_intent?: string | { id: string } | null
}

type AnyLineItem = Stripe.InvoiceLineItem & {
  plan?: { interval: string, interval_count: number } | null
  price?: { recurring?: { interval: string, interval_count: number } | null } | null
}

/** The id of an object that may be expanded; undefined when there is none. */
export function idOf (object: string | { id: string } | null | undefined): string | undefined {
  return (typeof object === 'string' ? object : object?.id) || undefined
}

export function subscriptionOfInvoice (invoice: AnyInvoice): string | undefined {
  return idOf(invoice.parent?.subscription_details?.subscription) ?? idOf(invoice.subscription)
}

/** The metadata of the invoice's subscription, as it was when the invoice was made. */
export function subscriptionMetadata (invoice: AnyInvoice): Stripe.Metadata {
  return invoice.parent?.subscription_details?.metadata ?? invoice.subscription_details?.metadata ?? {}
}

/** Payment intents that paid the invoice, as far as the event names them. */
export function paymentIntentsOfInvoice (invoice: AnyInvoice): string[] {
  const payments = invoice.payments?.data.map(({ payment }) => idOf(payment.payment_intent)) ?? []
  return [...new Set([...payments, idOf(invoice.payment_intent)].filter(id => id !== undefined))]
}

export type BillingInterval = 'monthly' | 'quarterly' | 'annual'

/** The billing interval in Affitor's words; undefined for those that it has no word for. */
export function billingInterval (recurring: { interval: string, interval_count: number } | null | undefined): BillingInterval | undefined {
  const name = `${recurring?.interval} ${recurring?.interval_count}`
  return ({ 'month 1': 'monthly', 'month 3': 'quarterly', 'year 1': 'annual', 'month 12': 'annual' } as const)[name]
}

/** The interval that the invoice itself tells; since Basil its lines do not. */
export function intervalOfInvoice (invoice: AnyInvoice): BillingInterval | undefined {
  const lines = (invoice.lines?.data ?? []) as AnyLineItem[]
  return lines.map(line => billingInterval(line.price?.recurring ?? line.plan)).find(interval => interval !== undefined)
}

export function intervalOfSubscription (subscription: Stripe.Subscription | undefined): BillingInterval | undefined {
  return billingInterval(subscription?.items.data[0]?.price.recurring)
}
