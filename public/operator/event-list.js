// @ts-check
import { listEvents } from './api.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {Omit<import('./api.js').EventQuery, 'limit' | 'cursor'>} Filter */

const PAGE = 25
/** As many as the API gives at once: those are kept up to date, what is further down stays as it was. */
const MOST = 200

/**
 * The filter that an address names.
 * @param {import('./place.js').Place} place
 * @returns {Filter}
 */
export const filterOf = ({ kind, state, reason, source, since, until, text: q }) =>
  Object.fromEntries(Object.entries({ kind, state, reason, source, since, until, q }).filter(([, value]) => value !== undefined))

/** The newest tracking events that match a filter, and as many older ones as were asked for. */
export class EventList {
  /** @type {Schemas['TrackingEvent'][] | null} newest first; null: not known yet */
  events = null
  /** Explanations of the reasons that were seen, by code. @type {Map<string, string>} */
  reasons = new Map()
  /** @type {string | null} where the next page begins; null: there is none */
  #cursor = null
  /** @type {Filter} */
  #filter = {}

  get hasMore () { return this.#cursor !== null }

  /** @param {Filter} newFilter */
  async refresh (newFilter) {
    if (JSON.stringify(newFilter) !== JSON.stringify(this.#filter)) {
      this.#filter = newFilter
      this.events = null
    }
    const filter = this.#filter
    const known = this.events ?? []
    const limit = Math.max(PAGE, known.length)
    const page = await listEvents({ ...filter, limit: Math.min(MOST, limit) })
    // Meanwhile another filter was chosen, or more were shown: the next turn has them.
    if (filter !== this.#filter || known.length !== (this.events ?? []).length) return
    const older = limit > MOST ? olderThan(page, known) : []
    if (older.length === 0) this.#cursor = page.nextCursor
    this.#show([...page.events, ...older])
  }

  async showMore () {
    const cursor = this.#cursor
    if (cursor === null) return
    const filter = this.#filter
    const page = await listEvents({ ...filter, limit: PAGE, cursor })
    if (filter !== this.#filter || cursor !== this.#cursor) return
    this.#cursor = page.nextCursor
    this.#show([...this.events ?? [], ...page.events])
  }

  /** @param {Schemas['TrackingEvent'][]} events */
  #show (events) {
    for (const { reason, explanation } of events) {
      if (reason !== null) this.reasons.set(reason, explanation ?? reason)
    }
    this.events = events
  }
}

/**
 * Those of the known events that follow a page; none when more has happened than a page holds, so that there is no gap.
 * @param {Schemas['TrackingEventPage']} page
 * @param {Schemas['TrackingEvent'][]} known
 */
function olderThan ({ events }, known) {
  const last = events.at(-1)?.id ?? 0
  return known[0] !== undefined && known[0].id >= last ? known.filter(({ id }) => id < last) : []
}
