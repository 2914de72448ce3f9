// @ts-check
import { html } from 'lit-html'

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })

const DAY_SECONDS = 86_400

/**
 * "12 s", "5 min", "3 h", "4 days"
 * @param {number} seconds
 */
export function duration (seconds) {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 2 * DAY_SECONDS) return `${Math.floor(seconds / 3_600)} h`
  return `${Math.floor(seconds / DAY_SECONDS)} days`
}

/** @param {string} iso */
export const secondsSince = iso => (Date.now() - Date.parse(iso)) / 1_000

/** @param {string} iso */
export const exactTime = iso => exact.format(new Date(iso))

/**
 * "3 min ago", with the exact time for who points at it.
 * @param {string} iso
 */
export function ago (iso) {
  const seconds = secondsSince(iso)
  return timeElement(iso, seconds < 1 ? 'just now' : `${duration(seconds)} ago`)
}

/**
 * "in 12 s", or "now" for what is due.
 * @param {string} iso
 */
export function until (iso) {
  const seconds = -secondsSince(iso)
  return timeElement(iso, seconds < 1 ? 'now' : `in ${duration(seconds)}`)
}

/**
 * From when to when, as short as the length of the period allows.
 * @param {Date} from
 * @param {number} seconds
 */
export function span (from, seconds) {
  const start = (Date.now() - from.getTime()) / 1_000 > DAY_SECONDS ? dayAndClock : clock
  return `${start.format(from)} to ${clock.format(new Date(from.getTime() + seconds * 1_000))}`
}

/**
 * @param {string} iso
 * @param {string} text
 */
const timeElement = (iso, text) => html`<time datetime=${iso} title=${exactTime(iso)}>${text}</time>`
