import type { InterpretContext } from './interpretation.js'
import { taxOfInvoice } from './objects.js'
import type { AnyInvoice } from './objects.js'
import { countedAmount } from './sale.js'
import type { CountedAmount } from './sale.js'

/** What of an invoice's payment counts, and what of it was paid outside of Stripe. */
export async function amountsOfInvoice (invoice: AnyInvoice, context: InterpretContext): Promise<{ counted: CountedAmount, outOfBandCents: number }> {
  const { paidCents, outOfBandCents } = await paidAmounts(invoice, context)
  return { counted: countedAmount(paidCents, taxOfInvoice(invoice), context, invoice.total), outOfBandCents }
}

/**
 * Before Basil `amount_paid` left out what was paid outside of Stripe; since then it is included, and only Stripe's API
 * tells it apart.
 * https://docs.stripe.com/changelog/basil/2025-03-31/add-support-for-multiple-partial-payments-on-invoices
 */
async function paidAmounts (invoice: AnyInvoice, context: InterpretContext): Promise<{ paidCents: number, outOfBandCents: number }> {
  const counted = context.settings.countOutOfBandPayments
  if (invoice.paid_out_of_band === true) {
    return { paidCents: counted ? invoice.amount_due : invoice.amount_paid, outOfBandCents: invoice.amount_due - invoice.amount_paid }
  }
  if (counted || invoice.amount_paid <= 0) return { paidCents: invoice.amount_paid, outOfBandCents: 0 }
  const outOfBandCents = (await context.stripe.invoice(invoice.id))?.amount_paid_off_stripe ?? 0
  return { paidCents: invoice.amount_paid - outOfBandCents, outOfBandCents }
}
