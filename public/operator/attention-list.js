// @ts-check
import { listEvents, listStripeEvents, readAttention } from './api.js'
import { countIn } from './summary.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * What needs attention for one reason, and the newest of it.
 * @typedef {object} AttentionGroup
 * @property {Schemas['AttentionGroup']} group
 * @property {Schemas['TrackingEvent'][]} facts
 * @property {Schemas['StripeEvent'][]} stripeEvents that could not be read
 */

const SHOWN = 5
const SHOWN_MORE = 25
/** As many as the API gives at once. */
const MOST = 200

/** What needs a person, by reason. */
export class AttentionList {
  /** @type {AttentionGroup[] | null} null: not known yet */
  groups = null
  /** How many of a group are shown, by its key. @type {Map<string, number>} */
  #shown = new Map()

  /** @param {Schemas['TrackingSummary']} summary */
  async refresh (summary) {
    // Most of the time there are none.
    if (countIn(summary, 'needs_attention') + countIn(summary, 'failed') === 0) {
      this.groups = []
      return
    }
    const { groups } = await readAttention()
    this.groups = await Promise.all(groups.map(group => this.#read(group)))
  }

  /** @param {Schemas['AttentionGroup']} group */
  showMore (group) {
    this.#shown.set(keyOf(group), Math.min(MOST, this.#shownOf(group) + SHOWN_MORE))
  }

  /** @param {AttentionGroup} group */
  hasMore = ({ group, facts, stripeEvents }) => group.count > facts.length + stripeEvents.length && this.#shownOf(group) < MOST

  /** @param {Schemas['AttentionGroup']} group */
  #shownOf (group) { return this.#shown.get(keyOf(group)) ?? SHOWN }

  /**
   * @param {Schemas['AttentionGroup']} group
   * @returns {Promise<AttentionGroup>}
   */
  async #read (group) {
    const filter = { limit: this.#shownOf(group), ...(group.reason !== null && { reason: group.reason }) }
    if (group.kind === 'stripe_event') {
      const { events } = await listStripeEvents({ ...filter, state: 'failed' })
      return { group, facts: [], stripeEvents: events }
    }
    const { events } = await listEvents({ ...filter, state: 'needs_attention' })
    return { group, facts: events, stripeEvents: [] }
  }
}

/** @param {Schemas['AttentionGroup']} group */
export const keyOf = ({ kind, reason }) => `${kind} ${reason}`
