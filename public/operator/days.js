// @ts-check

/** Days as a date field has them, "2026-11-24", and the times at which they begin here. */

/**
 * @param {string | undefined} iso
 * @param {number} [shiftMs]
 */
export function dayOf (iso, shiftMs = 0) {
  if (iso === undefined) return ''
  const date = new Date(Date.parse(iso) + shiftMs)
  return [String(date.getFullYear()).padStart(4, '0'), date.getMonth() + 1, date.getDate()].map(part => String(part).padStart(2, '0')).join('-')
}

/**
 * @param {string} day empty for none
 * @param {number} [daysLater]
 */
export function startOf (day, daysLater = 0) {
  const [year, month, dayOfMonth] = day.split('-').map(Number)
  if (year === undefined || month === undefined || dayOfMonth === undefined || year < 1_970) return undefined
  return new Date(year, month - 1, dayOfMonth + daysLater).toISOString()
}
