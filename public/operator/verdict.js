// @ts-check
import { counted, stateLabel, stateTone } from './parts.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */
/** @typedef {{ tone: import('./parts.js').Tone, text: string }} Verdict */

/**
 * A customer's payments and refunds in a few sentences: the answer to "why did this partner not get paid?".
 * @param {Schemas['TrackingEvent'][]} facts
 * @returns {Verdict[]}
 */
export function verdictOf (facts) {
  // The invoice of a subscription's first payment is the same money as its session.
  const counts = facts.filter(({ kind, reason }) => kind !== 'lead' && reason !== 'twin_of_session')
  if (counts.length === 0) return [{ tone: 'info', text: 'No payment is known of this customer, so there is nothing to pay a partner for.' }]
  const groups = Map.groupBy(counts, ({ kind, state, reason }) => `${kind} ${state} ${reason}`)
  return [...groups.values()].flatMap(([first, ...rest]) => first === undefined ? [] : sentence(first, 1 + rest.length))
}

/**
 * @param {Schemas['TrackingEvent']} fact one of several that ended alike
 * @param {number} count
 * @returns {Verdict}
 */
function sentence ({ kind, state, explanation }, count) {
  const what = counted(count, kind)
  const tone = stateTone(state)
  if (state === 'delivered') {
    return { tone, text: `${what}: ${kind === 'sale' ? 'recorded by Affitor for the partner' : 'taken into account by Affitor'}.` }
  }
  if (state === 'pending') return { tone, text: `${what}: not sent yet.` }
  return { tone, text: `${what}: ${stateLabel(state).toLowerCase()}. ${explanation ?? ''}` }
}
