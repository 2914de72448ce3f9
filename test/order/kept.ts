import type { StripeState } from '../../sandbox/stripe/index.js'

/** A payment at Stripe, and the sale that it is to Affitor. */
export interface Kept {
  transactionId: string
  currency: string
  /** In the currency's smallest unit. */
  paidCents: number
  taxCents: number
  refundedCents: number
  disputedCents: number
}

/** What Stripe took and gave back, payment by payment, from the stand-in's own books. */
export function keptAtStripe (state: StripeState): Kept[] {
  return [...state.charges.values()].filter(({ captured }) => captured).map(charge => {
    const { invoice, session } = originOf(state, idOf(charge.payment_intent))
    const taxes = invoice?.total_taxes?.map(({ amount }) => amount) ?? [session?.total_details?.amount_tax ?? 0]
    return {
      transactionId: session?.id ?? invoice?.id ?? '',
      currency: charge.currency.toUpperCase(),
      paidCents: charge.amount_captured,
      taxCents: sum(taxes),
      refundedCents: sum([...state.refunds.values()].filter(one => idOf(one.charge) === charge.id && one.status === 'succeeded').map(({ amount }) => amount)),
      disputedCents: sum([...state.disputes.values()].filter(one => idOf(one.charge) === charge.id && one.status === 'lost').map(({ amount }) => amount))
    }
  })
}

function originOf (state: StripeState, paymentIntent: string) {
  const link = [...state.invoicePayments.values()].find(({ payment }) => idOf(payment.payment_intent) === paymentIntent)
  const invoice = link && state.invoices.get(idOf(link.invoice))
  const session = [...state.sessions.values()].find(one => invoice === undefined
    ? idOf(one.payment_intent) === paymentIntent
    : idOf(one.invoice) === invoice.id)
  return { invoice, session }
}

function idOf (reference: string | { id: string } | null | undefined): string {
  return (typeof reference === 'string' ? reference : reference?.id) ?? ''
}

function sum (numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
