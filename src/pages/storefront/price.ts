import type { Offer } from '../../stripe/offers.js'

// Where Stripe's smallest unit is not a hundredth: https://docs.stripe.com/currencies#zero-decimal
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '))
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '))

/** An amount of Stripe's as people read it: `$49`, `€9.50`, `¥4,900`. */
export function formatAmount (unitAmount: number, currency: string): string {
  const digits = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : 2
  return new Intl.NumberFormat('en-US', {
    style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits, trailingZeroDisplay: 'stripIfInteger'
  }).format(unitAmount / 10 ** digits)
}

/** How often an offer is paid: `one payment`, `per month`, `every 3 months`. */
export function paidWhen ({ every }: Offer): string {
  if (every === null) return 'one payment'
  return every.count === 1 ? `per ${every.interval}` : `every ${every.count} ${every.interval}s`
}
