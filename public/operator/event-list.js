// @ts-check
import { listEvents } from './api.js'
import { rememberCurrencies } from './facts.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {{ kind: Schemas['TrackingKind'] | undefined, state: Schemas['TrackingState'] | undefined }} Filter */

const PAGE = 25
/** As many as the API gives at once: those are kept up to date, what is further down stays as it was. */
const MOST = 200

/** The newest tracking events that match a filter, and as many older ones as were asked for. */
export class EventList {
  /** @type {Schemas['TrackingEvent'][] | null} newest first; null: not known yet */
  events = null
  /** @type {string | null} where the next page begins; null: there is none */
  #cursor = null
  /** @type {Filter} */
  #filter = { kind: undefined, state: undefined }

  get hasMore () { return this.#cursor !== null }

  /** @param {Filter} filter */
  async refresh ({ kind, state }) {
    if (kind !== this.#filter.kind || state !== this.#filter.state) {
      this.#filter = { kind, state }
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
    rememberCurrencies(events)
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
