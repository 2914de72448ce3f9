// @ts-check

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * How many tracking events, or Stripe events, are in a state.
 * @param {Schemas['TrackingSummary']} summary
 * @param {Schemas['TrackingState'] | Schemas['StripeEventState']} state
 */
export const countIn = ({ counts, stripeEvents }, state) =>
  [...counts, ...stripeEvents].reduce((sum, entry) => entry.state === state ? sum + entry.count : sum, 0)

/**
 * How many Stripe events are in a state.
 * @param {Schemas['TrackingSummary']} summary
 * @param {Schemas['StripeEventState']} state
 */
export const stripeEventsIn = ({ stripeEvents }, state) => stripeEvents.reduce((sum, entry) => entry.state === state ? sum + entry.count : sum, 0)
