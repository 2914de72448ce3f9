// @ts-check

/**
 * Stripe's own lists (https://docs.stripe.com/currencies): Intl counts the decimals of some currencies differently,
 * and would show a hundred times too much.
 */
const WITHOUT_DECIMALS = new Set(['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'])
const WITH_THREE_DECIMALS = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND'])

/**
 * "$49.00", "¥4,900"
 * @param {number} cents in the currency's smallest unit
 * @param {string} currency ISO 4217 code, upper case
 */
export function money (cents, currency) {
  const decimals = WITHOUT_DECIMALS.has(currency) ? 0 : WITH_THREE_DECIMALS.has(currency) ? 3 : 2
  const amount = cents / 10 ** decimals
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency, minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(amount).replace('-', '−')
  } catch {
    // Not the code of a currency.
    return `${amount.toFixed(decimals)} ${currency}`
  }
}
