// @ts-check

/** Times and counts in words. */

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
