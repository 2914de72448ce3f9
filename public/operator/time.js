// @ts-check
import { html } from 'lit-html'

const date = /** @type {const} */ ({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
const exact = new Intl.DateTimeFormat('en-GB', date)
const exactWithSeconds = new Intl.DateTimeFormat('en-GB', { ...date, second: '2-digit' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const offset = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'shortOffset' })

const DAY_SECONDS = 86_400

/** "Europe/Berlin" */
const zone = exact.resolvedOptions().timeZone

/**
 * "UTC+1": it changes with the season.
 * @param {Date} when
 */
function offsetAt (when) {
  const name = offset.formatToParts(when).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC'
  return name.replace('GMT', 'UTC').replace(/^UTC\+0$/, 'UTC')
}

/** "Europe/Berlin, UTC+1" */
export function zoneName () {
  const now = offsetAt(new Date())
  return zone === now ? zone : `${zone}, ${now}`
}

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

/**
 * "24 Nov 2026, 18:05 (UTC+1)"
 * @param {string} iso
 */
export const exactTime = iso => withZone(exact, iso)

/**
 * @param {Intl.DateTimeFormat} format
 * @param {string} iso
 */
const withZone = (format, iso) => `${format.format(new Date(iso))} (${offsetAt(new Date(iso))})`

/**
 * "3 min ago", or the day and the time of what is longer ago, with the exact time for who points at it.
 * @param {string} iso
 */
export function ago (iso) {
  const seconds = secondsSince(iso)
  if (seconds > DAY_SECONDS) return timeElement(iso, dayAndClock.format(new Date(iso)))
  return timeElement(iso, seconds < 1 ? 'just now' : `${duration(seconds)} ago`)
}

/**
 * The exact time, for a story.
 * @param {string} iso
 */
export const at = iso => timeElement(iso, exactTime(iso))

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
const timeElement = (iso, text) => html`<time datetime=${iso} title=${withZone(exactWithSeconds, iso)}>${text}</time>`
