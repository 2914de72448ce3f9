// @ts-check
import { factAmount, factName } from './facts.js'
import { stateLabel } from './parts.js'
import { exactTime } from './time.js'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * A story as the answer to a partner who asks: what was found, and every fact with its day, amount and outcome. Of ids it
 * has those of transactions only, which the partner can be asked about; who the customer is, it does not say.
 * @param {Schemas['CustomerStory']} story
 */
export function storyText ({ verdict, entries }) {
  const facts = entries.flatMap(entry => entry.kind === 'fact' ? [entry] : [])
  return [verdict, ...facts.length === 0 ? [] : ['', ...facts.map(({ at, trackingEvent }) => factText(at, trackingEvent))]].join('\n')
}

/**
 * "24 Nov 2026, 18:05 (UTC+1): Sale $49.00 (cs_1), delivered"
 * @param {string} at
 * @param {Schemas['TrackingEvent']} fact
 */
function factText (at, fact) {
  const what = [factName(fact), factAmount(fact), fact.kind === 'lead' ? '' : `(${fact.transactionId})`].filter(part => part !== '').join(' ')
  const why = fact.explanation === null ? '' : `. ${fact.explanation}`
  return `${exactTime(at)}: ${what}, ${stateLabel(fact.state).toLowerCase()}${why}`
}
