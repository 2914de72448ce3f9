// @ts-check

/** Amounts, times and counts in words. */

/** @param {string} currency */
function moneyFormat (currency) {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency })
}

/** How many decimals a currency has: 2 for USD, none for VND. @param {string} currency */
function decimalsOf (currency) {
  return moneyFormat(currency).resolvedOptions().maximumFractionDigits ?? 2
}

/**
 * `$49.00`
 * @param {number} amount in the currency's smallest unit
 * @param {string} currency
 */
export function formatAmount (amount, currency) {
  return moneyFormat(currency).format(amount / 10 ** decimalsOf(currency))
}

/**
 * An amount that a person typed, in the currency's smallest unit; null when it is none.
 * @param {string} text such as `4.50`, or `4,50`
 * @param {string} currency
 */
export function parseAmount (text, currency) {
  const decimals = decimalsOf(currency)
  const [, whole = '', part = ''] = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim()) ?? []
  if (whole === '' || part.length > decimals) return null
  const amount = Number(whole + part.padEnd(decimals, '0'))
  return amount > 0 ? amount : null
}

/** @type {ReadonlyArray<[Intl.RelativeTimeFormatUnit, number]>} */
const UNITS = [['day', 86_400], ['hour', 3600], ['minute', 60]]
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/**
 * `2 minutes ago`
 * @param {Date} date
 */
export function timeAgo (date) {
  const seconds = (date.getTime() - Date.now()) / 1000
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit)
  }
  return 'just now'
}

/**
 * `1 event`, `3 events`
 * @param {number} count
 * @param {string} word
 */
export function counted (count, word) {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** Stripe's ids are long; their start and end tell them apart. @param {string} id */
export function shorten (id) {
  return id.length <= 24 ? id : `${id.slice(0, 12)}…${id.slice(-6)}`
}
