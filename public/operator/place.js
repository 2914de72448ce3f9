// @ts-check

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * What is looked at. It stands in the address behind the `#`, so that reload, back and a bookmark lead to it:
 * `#/?period=7d&kind=sale`, `#/customers/KEY?period=7d`.
 * @typedef {object} Place
 * @property {string | null} customerKey null: the overview
 * @property {Schemas['Period']} period
 * @property {Schemas['TrackingKind'] | undefined} kind filter of the list of events
 * @property {Schemas['TrackingState'] | undefined} state the same
 */

export const PERIODS = /** @type {const} */ (['1h', '24h', '7d', '30d'])
export const KINDS = /** @type {const} */ (['lead', 'sale', 'refund'])
export const STATES = /** @type {const} */ (['pending', 'delivered', 'unattributed', 'rejected', 'needs_attention', 'skipped'])

/** @returns {Place} */
export function currentPlace () {
  const [path = '', query = ''] = location.hash.slice(1).split('?')
  const parameters = new URLSearchParams(query)
  return {
    customerKey: decode(/^\/customers\/(.+)$/.exec(path)?.[1]),
    period: knownOf(PERIODS, parameters.get('period')) ?? '24h',
    kind: knownOf(KINDS, parameters.get('kind')),
    state: knownOf(STATES, parameters.get('state'))
  }
}

/**
 * The address of a place that differs from the current one by `change`.
 * @param {Partial<Place>} change
 */
export function hrefWith (change) {
  const { customerKey, period, kind, state } = { ...currentPlace(), ...change }
  const query = new URLSearchParams({ period, ...(kind && { kind }), ...(state && { state }) })
  return `#/${customerKey === null ? '' : `customers/${encodeURIComponent(customerKey)}`}?${query}`
}

/** @param {string | undefined} text */
function decode (text) {
  try {
    return text === undefined ? null : decodeURIComponent(text)
  } catch {
    return null
  }
}

/**
 * @template {string} Value
 * @param {readonly Value[]} values
 * @param {string | null} text
 */
const knownOf = (values, text) => values.find(value => value === text)
