import type { SandboxPrice } from '../../sandbox/stripe/index.js'

/** The catalogue of these tests; amounts that do not divide evenly, and currencies without cents. */
export const prices = [
  { id: 'price_once_usd', unitAmount: 4900, currency: 'usd', productName: 'Licence' },
  { id: 'price_once_eur', unitAmount: 3333, currency: 'eur', productName: 'Licence' },
  { id: 'price_once_vnd', unitAmount: 1_199_000, currency: 'vnd', productName: 'Licence' },
  { id: 'price_once_jpy', unitAmount: 5001, currency: 'jpy', productName: 'Licence' },
  { id: 'price_month_usd', unitAmount: 1900, currency: 'usd', productName: 'Basic', interval: 'month' },
  { id: 'price_month_pro_usd', unitAmount: 4999, currency: 'usd', productName: 'Pro', interval: 'month' },
  { id: 'price_year_usd', unitAmount: 19_001, currency: 'usd', productName: 'Pro', interval: 'year' },
  { id: 'price_month_eur', unitAmount: 1299, currency: 'eur', productName: 'Basic', interval: 'month' },
  { id: 'price_month_pro_eur', unitAmount: 2999, currency: 'eur', productName: 'Pro', interval: 'month' },
  { id: 'price_month_vnd', unitAmount: 299_000, currency: 'vnd', productName: 'Basic', interval: 'month' },
  { id: 'price_month_jpy', unitAmount: 980, currency: 'jpy', productName: 'Basic', interval: 'month' }
] as const satisfies SandboxPrice[]

export type PriceId = typeof prices[number]['id']
