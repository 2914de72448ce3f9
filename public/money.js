// @ts-check

/**
 * Amounts in words, for the service, its pages, the sandbox and the demo alike: served to browsers as it is, and imported
 * as `#money` everywhere. Whose decimals count is Stripe's, not those of Intl, which differ: its amounts are what is stored.
 *
 * https://docs.stripe.com/currencies: "Zero-decimal currencies" and "Three-decimal currencies", but for its "Special
 * cases". ISK and UGX have no decimals either, and UGX is on the list, yet their amounts come in hundredths (500 is 5 ISK).
 * HUF and TWD have no decimals in payouts only.
 */
const NO_DECIMALS = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
const THREE_DECIMALS = new Set('BHD JOD KWD OMR TND'.split(' '))

/** @type {typeof import('./money.js').decimalsOf} */
export function decimalsOf (currency) {
  const code = currency.toUpperCase()
  return NO_DECIMALS.has(code) ? 0 : THREE_DECIMALS.has(code) ? 3 : 2
}

/** @type {typeof import('./money.js').inMainUnit} */
export function inMainUnit (amount, currency) {
  return amount / 10 ** decimalsOf(currency)
}

/** @type {typeof import('./money.js').formatMoney} */
export function formatMoney (amount, currency, { short = false } = {}) {
  const decimals = decimalsOf(currency)
  const value = inMainUnit(amount, currency)
  try {
    return new Intl.NumberFormat('en-US', {
      style: 'currency',
      currency,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      trailingZeroDisplay: short ? 'stripIfInteger' : 'auto'
    }).format(value).replace('-', '−')
  } catch {
    // Not the code of a currency.
    return `${value.toFixed(decimals)} ${currency}`.replace('-', '−')
  }
}

/** @type {typeof import('./money.js').parseMoney} */
export function parseMoney (text, currency) {
  const decimals = decimalsOf(currency)
  const [, whole = '', part = ''] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim()) ?? []
  if (whole === '' || part.length > decimals) return null
  const amount = Number(whole + part.padEnd(decimals, '0'))
  return amount > 0 ? amount : null
}
