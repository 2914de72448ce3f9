// @ts-check

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {Schemas['StoryEntry']} Entry */

/**
 * A fact with the Stripe event that told of it, and the attempts to tell Affitor.
 * @typedef {{ kind: 'fact', at: string, fact: Schemas['TrackingEvent'], stripeEvent: Schemas['StripeEvent'] | undefined, attempts: Schemas['StoryAttempt'][] }} FactItem
 */
/**
 * What an operator did, with the fact or the Stripe event it was done to.
 * @typedef {Schemas['StoryAction'] & { fact: Schemas['TrackingEvent'] | undefined, stripeEvent: Schemas['StripeEvent'] | undefined }} ActionItem
 */
/** @typedef {FactItem | ActionItem | Schemas['StoryCheckout'] | Schemas['StoryStripeEvent']} Item */

/**
 * A story as people read it: what belongs together is one item.
 * @param {Entry[]} entries oldest first
 * @returns {Item[]} oldest first
 */
export function itemsOf (entries) {
  const attempts = entries.filter(entry => entry.kind === 'attempt')
  const stripeEvents = new Map(entries.flatMap(entry => entry.kind === 'stripe_event' ? [[entry.stripeEvent.id, entry.stripeEvent]] : []))
  const facts = new Map(entries.flatMap(entry => entry.kind === 'fact' ? [[entry.trackingEvent.id, entry.trackingEvent]] : []))
  const told = new Set(entries.map(entry => entry.kind === 'fact' ? entry.trackingEvent.stripeEventId : null))

  return entries.flatMap(/** @returns {Item[]} */ entry => {
    if (entry.kind === 'attempt') return []
    if (entry.kind === 'stripe_event') return told.has(entry.stripeEvent.id) ? [] : [entry]
    if (entry.kind === 'checkout') return [entry]
    if (entry.kind === 'action') return [{ ...entry, fact: facts.get(entry.action.trackingEventId ?? 0), stripeEvent: stripeEvents.get(entry.action.stripeEventId ?? '') }]
    const { at, trackingEvent: fact } = entry
    const own = attempts.filter(({ attempt }) => attempt.trackingEventId === fact.id)
    return [{ kind: 'fact', at, fact, stripeEvent: fact.stripeEventId === null ? undefined : stripeEvents.get(fact.stripeEventId), attempts: own }]
  }).sort(compare)
}

/**
 * Stripe's times are whole seconds. Within one, a signup comes before a checkout, and a checkout before payments,
 * which are in the order of the ledger; the Stripe events that made no fact come then, and last what people did.
 * @param {Item} a
 * @param {Item} b
 */
const compare = (a, b) => secondOf(a) - secondOf(b) || rank(a) - rank(b)

/** @param {Item} item */
const secondOf = ({ at }) => Math.floor(Date.parse(at) / 1_000)

/** @param {Item} item */
function rank (item) {
  if (item.kind === 'checkout') return 0
  if (item.kind === 'stripe_event') return Number.MAX_SAFE_INTEGER - 1
  if (item.kind === 'action') return Number.MAX_SAFE_INTEGER
  return item.fact.kind === 'lead' ? -1 : item.fact.id
}
