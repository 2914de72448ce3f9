// @ts-check

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

/**
 * What is looked at. It stands in the address behind the `#`, so that reload, back, a bookmark and a colleague's browser
 * lead to it: `#/?period=7d&kind=sale`, `#/search?q=ada%40example.com`, `#/customers/KEY?period=7d`.
 * @typedef {object} Place
 * @property {'overview' | 'search' | 'customer'} screen
 * @property {string | null} customerKey of the screen `customer`
 * @property {string | undefined} q what is searched for
 * @property {Schemas['Period']} period
 * @property {Schemas['TrackingKind'] | undefined} kind this and what follows: filters of the list of events
 * @property {Schemas['TrackingState'] | undefined} state
 * @property {string | undefined} reason
 * @property {Schemas['FactSource'] | undefined} source
 * @property {string | undefined} since ISO 8601
 * @property {string | undefined} until ISO 8601, exclusive
 * @property {string | undefined} text an e-mail, a customer key, an id
 */

export const PERIODS = /** @type {const} */ (['1h', '24h', '7d', '30d'])
export const KINDS = /** @type {const} */ (['lead', 'sale', 'refund'])
export const STATES = /** @type {const} */ (['pending', 'delivered', 'unattributed', 'rejected', 'needs_attention', 'resolved', 'skipped'])
export const SOURCES = /** @type {const} */ (['signup', 'api', 'sql', 'stripe'])

const FILTERS = /** @type {const} */ (['kind', 'state', 'reason', 'source', 'since', 'until', 'text'])
export const noFilter = { kind: undefined, state: undefined, reason: undefined, source: undefined, since: undefined, until: undefined, text: undefined }

/** @returns {Place} */
export function currentPlace () {
  const [path = '', query = ''] = location.hash.slice(1).split('?')
  const parameters = new URLSearchParams(query)
  const customerKey = decode(/^\/customers\/(.+)$/.exec(path)?.[1])
  const q = parameters.get('q') ?? undefined
  return {
    screen: customerKey !== null ? 'customer' : path === '/search' && q !== undefined ? 'search' : 'overview',
    customerKey,
    q,
    period: knownOf(PERIODS, parameters.get('period')) ?? '24h',
    kind: knownOf(KINDS, parameters.get('kind')),
    state: knownOf(STATES, parameters.get('state')),
    reason: /^[a-z0-9_]{1,100}$/.exec(parameters.get('reason') ?? '')?.[0],
    source: knownOf(SOURCES, parameters.get('source')),
    since: timeOf(parameters.get('since')),
    until: timeOf(parameters.get('until')),
    text: parameters.get('text') || undefined
  }
}

/**
 * The address of a place that differs from the current one by `change`.
 * @param {Partial<Place>} change
 */
export function hrefWith (change) {
  const place = { ...currentPlace(), ...change }
  const query = new URLSearchParams({ period: place.period })
  for (const name of FILTERS) {
    const value = place[name]
    if (value !== undefined) query.set(name, value)
  }
  if (place.q !== undefined) query.set('q', place.q)
  return `#${pathOf(place)}?${query}`
}

/** @param {Place} place */
function pathOf ({ screen, customerKey }) {
  if (screen === 'search') return '/search'
  return screen === 'customer' && customerKey !== null ? `/customers/${encodeURIComponent(customerKey)}` : '/'
}

/** The address of the overview as it was left. */
export const overviewHref = () => hrefWith({ screen: 'overview', customerKey: null, q: undefined })

/** @param {string} customerKey */
export const customerHref = customerKey => hrefWith({ screen: 'customer', customerKey })

/** @param {string} q */
export const searchHref = q => hrefWith({ screen: 'search', customerKey: null, q })

/** @param {Partial<Place>} filter */
export const eventsHref = filter => hrefWith({ screen: 'overview', customerKey: null, q: undefined, ...noFilter, ...filter })

/** @param {Place} place */
export const isFiltered = place => FILTERS.some(name => place[name] !== undefined)

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

/** @param {string | null} text */
const timeOf = text => text === null || Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString()
