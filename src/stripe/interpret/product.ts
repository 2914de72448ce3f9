import type { SalePayload } from '../../../schemas/tracking.js'
import type { InterpretContext, InterpretSettings } from './interpretation.js'
import { idOf } from './objects.js'
import type { AnyInvoice, AnyInvoiceLine } from './objects.js'

/** The product that was bought, or why none is told; neither where products are not sent. */
export type Bought = Pick<SalePayload, 'productId' | 'productNote'>

/** Affitor's own sales (`connect`) need none. */
export function isProductSent ({ sendProductId, saleSource }: InterpretSettings): boolean {
  return sendProductId && saleSource === 'webhook'
}

/** Of a payment of which nothing tells what it was for. */
export function noProduct ({ settings }: InterpretContext): Bought {
  return isProductSent(settings) ? productOf([]) : {}
}

/** Events do not show what was bought, so Stripe is asked. */
export async function productOfSession (sessionId: string, { stripe, settings }: InterpretContext): Promise<Bought> {
  if (!isProductSent(settings)) return {}
  const list = (await stripe.session(sessionId))?.line_items
  const lines = list?.has_more === true ? await stripe.sessionLines(sessionId) : list?.data ?? []
  return productOf(lines.map(({ price, amount_total: total }) => [idOf(price?.product), total]))
}

/** An invoice shows its first ten lines; only of longer ones is Stripe asked. */
export async function productOfInvoice (invoice: AnyInvoice, { stripe, settings }: InterpretContext): Promise<Bought> {
  if (!isProductSent(settings)) return {}
  const lines: AnyInvoiceLine[] = invoice.lines?.has_more === true ? await stripe.invoiceLines(invoice.id) : invoice.lines?.data ?? []
  return productOf(lines.map(line => [productOfLine(line), amountOfLine(line)]))
}

/** Since Basil a line names its price's product itself: https://docs.stripe.com/changelog/basil */
function productOfLine ({ pricing, price, plan }: AnyInvoiceLine): string | undefined {
  return pricing?.price_details?.product ?? idOf(price?.product) ?? idOf(plan?.product)
}

/** Without the discounts on it, as a Checkout Session shows it: what a coupon gave away was not paid for. */
function amountOfLine ({ amount, discount_amounts: discounts }: AnyInvoiceLine): number {
  return (discounts ?? []).reduce((rest, discount) => rest - discount.amount, amount)
}

/**
 * The product that the lines come to. A line of less than 0 gives back what was paid for its product before: after a
 * change, the old one comes to less than nothing. What came for free counts only where all did.
 * @param lines products with amounts in the currency's smallest unit
 */
function productOf (lines: Array<[product: string | undefined, amountCents: number]>): Bought {
  const sums = new Map<string | undefined, number>()
  for (const [product, amountCents] of lines) sums.set(product, (sums.get(product) ?? 0) + amountCents)
  const paid = [...sums].filter(([, sum]) => sum > 0)
  const [first, ...others] = paid.length > 0 ? paid : [...sums].filter(([, sum]) => sum === 0)
  if (others.length > 0) return { productNote: 'several_products' }
  return first?.[0] === undefined ? { productNote: 'no_product' } : { productId: first[0] }
}
