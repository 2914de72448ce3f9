import type Stripe from 'stripe'
import { intervalOf, productName } from '../catalog.js'
import { idOf } from '../context.js'
import type { SandboxContext } from '../context.js'
import { isOpen } from '../flows/dispute.js'
import { intentOf } from '../flows/invoice.js'
import { hasBlockingDispute, refundable } from '../flows/refund.js'
import type { PaymentRow } from './overview.js'

const REASONS: Record<string, PaymentRow['reason']> = {
  subscription_create: 'first', subscription_cycle: 'renewal', subscription_update: 'upgrade'
}

/** What payments came from, by the PaymentIntent's id. */
interface Origins {
  sessions: Map<string, Stripe.Checkout.Session>
  invoices: Map<string, Stripe.Invoice>
}

/** The rows of PaymentIntents. */
export function paymentRows (context: SandboxContext, intents: Stripe.PaymentIntent[]): PaymentRow[] {
  const origins = findOrigins(context)
  return intents.map((intent) => paymentRow(context, intent, origins))
}

function findOrigins ({ state }: SandboxContext): Origins {
  const origins: Origins = { sessions: new Map(), invoices: new Map() }
  const sessionOfInvoice = new Map<string, Stripe.Checkout.Session>()
  for (const session of state.sessions.values()) {
    if (session.payment_intent !== null) origins.sessions.set(idOf(session.payment_intent), session)
    if (session.invoice !== null) sessionOfInvoice.set(idOf(session.invoice), session)
  }
  for (const link of state.invoicePayments.values()) {
    const intent = intentOf(link)
    const invoice = state.invoices.get(idOf(link.invoice))
    if (intent === null || invoice === undefined) continue
    origins.invoices.set(intent, invoice)
    const session = sessionOfInvoice.get(invoice.id)
    if (session !== undefined) origins.sessions.set(intent, session)
  }
  return origins
}

function paymentRow (context: SandboxContext, intent: Stripe.PaymentIntent, origins: Origins): PaymentRow {
  const { state } = context
  const session = origins.sessions.get(intent.id)
  const invoice = origins.invoices.get(intent.id)
  const charge = intent.latest_charge === null ? undefined : state.charges.get(idOf(intent.latest_charge))
  const paid = intent.status === 'succeeded' && charge !== undefined
  const refunds = [...state.refunds.values()].filter((one) => one.charge !== null && idOf(one.charge) === charge?.id)
  const disputes = [...state.disputes.values()].filter((one) => idOf(one.charge) === charge?.id)
  return {
    id: intent.id,
    created: intent.created,
    title: invoice === undefined ? sessionTitle(context, session) : invoiceTitle(context, invoice),
    email: charge?.billing_details.email ?? invoice?.customer_email ?? null,
    amount: intent.amount,
    currency: intent.currency,
    status: statusOf(intent, charge),
    reason: REASONS[invoice?.billing_reason ?? ''] ?? null,
    waitingSession: intent.status === 'processing' ? session?.id ?? null : null,
    refundable: paid && !hasBlockingDispute(context, charge) ? refundable(charge) : 0,
    disputable: paid && disputes.length === 0,
    refunds: refunds.map(({ id, amount, status }) => ({ id, amount, status: status ?? 'pending' })),
    disputes: disputes.map((one) => ({ id: one.id, amount: one.amount, status: one.status, open: isOpen(one) }))
  }
}

function statusOf (intent: Stripe.PaymentIntent, charge: Stripe.Charge | undefined): PaymentRow['status'] {
  if (intent.status === 'processing' || intent.status === 'requires_capture') return 'waiting'
  if (intent.status !== 'succeeded' || charge === undefined) return 'failed'
  if (charge.refunded) return 'refunded'
  return charge.amount_refunded > 0 ? 'partly_refunded' : 'paid'
}

/** What a session sells: `Pro plan × 2 every month`. */
export function sessionTitle (context: SandboxContext, session: Stripe.Checkout.Session | undefined): string {
  const items = context.state.drafts.get(session?.id ?? '')?.lineItems ?? []
  return items.map(({ description, price, quantity }) => [
    description, (quantity ?? 1) > 1 && `× ${quantity}`, price && intervalOf(price)
  ].filter(Boolean).join(' ')).join(', ') || 'Payment'
}

function invoiceTitle ({ state }: SandboxContext, invoice: Stripe.Invoice): string {
  const names = invoice.lines.data.map(({ pricing }) => {
    const price = pricing?.price_details?.price
    const known = price === undefined ? undefined : state.prices.get(idOf(price))
    return known === undefined ? 'Invoice' : productName(state, known)
  })
  return [...new Set(names)].join(', ')
}
