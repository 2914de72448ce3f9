import type Stripe from 'stripe'
import { OLDEST_READ_API_VERSION, readsApiVersion, STRIPE_API_VERSION } from '../stripe/api-version.js'
import { NEEDED_EVENT_TYPES } from '../stripe/interpret/index.js'
import { endpointsOf, eventsOf, isLocal, listWebhookEndpoints, webhookUrlOf } from '../stripe/webhook-endpoint.js'
import type { FoundEndpoints } from '../stripe/webhook-endpoint.js'
import { fail, pass, skip } from './check.js'
import type { Finding } from './check.js'
import { ifAllowed } from './stripe-access.js'

/** What was found for the webhook's address, or why nothing was looked for. */
export type LookedFor = { url: URL, found: FoundEndpoints } | { instead: Finding }

/** Looks for the endpoints that lead to an address. */
export async function lookForEndpoints (stripe: Stripe, webhookUrl: string | undefined): Promise<LookedFor> {
  if (webhookUrl === undefined || webhookUrl === '') return { instead: skip('The webhook\'s address is not known: give --url, or set PUBLIC_URL (option webhook.url).') }
  let url: URL
  try {
    url = webhookUrlOf(webhookUrl)
  } catch (error) {
    return { instead: fail((error as Error).message, 'Set PUBLIC_URL to the address under which Stripe reaches the app, such as https://api.example.com.') }
  }
  if (isLocal(url)) {
    return { instead: skip(`Stripe sends nothing to ${url.host}, which only this machine reaches; "stripe listen --forward-to ${url.href}" brings its events here.`) }
  }
  const endpoints = await ifAllowed(() => listWebhookEndpoints(stripe))
  if (endpoints === undefined) return { instead: skip('The key may not list webhook endpoints: it lacks the permission Webhook Endpoints: Read.') }
  return { url, found: endpointsOf(url, endpoints) }
}

/** Whether one endpoint leads to the address, and is on. */
export function endpointFinding (looked: LookedFor, livemode: boolean, connected: boolean): Finding {
  if ('instead' in looked) return looked.instead
  const { url, found: { matching, sameHost } } = looked
  const setup = `run "npx fastify-affitor setup --url ${url.href}"`
  const [first] = matching
  if (first === undefined) {
    const near = sameHost[0] === undefined ? '' : ` One leads to ${sameHost[0].url}, on the same host.`
    return fail(`No webhook endpoint at Stripe leads to ${url.href}.${near}`, near === ''
      ? `Make one: ${setup}.`
      : `If that one is meant, change its address in Stripe's Dashboard under Webhooks; otherwise make one: ${setup}.`)
  }
  if (first.livemode !== livemode) {
    return fail(`The webhook endpoint ${first.id} is of ${modeName(first.livemode)} mode, and ${modeName(livemode)} mode is meant.`,
      `Set STRIPE_SECRET_KEY to a key of ${modeName(livemode)} mode, and ${setup}.`)
  }
  const on = matching.filter(({ status }) => status === 'enabled')
  if (on.length === 0) {
    return fail(`The webhook endpoint ${first.id} is disabled: Stripe sends it nothing.`, `Enable it: ${setup}, or enable it in Stripe's Dashboard under Webhooks.`)
  }
  // Nothing in an endpoint says whether it is the account's own, or for connected accounts.
  if (on.length > (connected ? 2 : 1)) {
    return fail(`${on.length} webhook endpoints lead to ${url.href}: ${on.map(({ id }) => id).join(', ')}. Each event comes from all of them, and those whose secret is not in STRIPE_WEBHOOK_SECRET are refused.`,
      `Delete all but ${connected ? 'one for the account and one for connected accounts' : 'one'} in Stripe's Dashboard under Webhooks, and keep in STRIPE_WEBHOOK_SECRET ${connected ? 'their secrets' : 'its secret'}.`)
  }
  return pass(on.length > 1
    ? `The webhook endpoints ${on.map(({ id }) => id).join(' and ')} lead to ${url.href}, one of them for connected accounts.`
    : `The webhook endpoint ${on[0]?.id} leads to ${url.href}.`)
}

/** Whether the endpoints send every event type that is needed. */
export function eventsFinding (looked: LookedFor): Finding {
  const endpoints = endpointsToLookAt(looked)
  if (!Array.isArray(endpoints)) return endpoints
  const held = endpoints.map(endpoint => ({ id: endpoint.id, ...eventsOf(endpoint) }))
  const lacking = held.find(({ missing }) => missing.length > 0)
  if (lacking !== undefined && 'url' in looked) {
    return fail(`The webhook endpoint ${lacking.id} does not send ${lacking.missing.join(', ')}.`,
      `Add them: run "npx fastify-affitor setup --url ${looked.url.href}", or edit it in Stripe's Dashboard under Webhooks.`)
  }
  const surplus = new Set(held.flatMap(one => one.surplus)).size
  if (held.some(({ all }) => all)) return pass(`Every event type is sent; the ${NEEDED_EVENT_TYPES.size} needed ones are read, the others ignored.`)
  return pass(`All ${NEEDED_EVENT_TYPES.size} needed event types are sent.${surplus === 0 ? '' : ` ${surplus} more are sent, and ignored.`}`)
}

/**
 * Whether events come in a version that is read.
 * @param accountVersion what version the newest event has: an endpoint without a version has the account's
 */
export async function versionFinding (looked: LookedFor, accountVersion: () => Promise<string | null | undefined>): Promise<Finding> {
  const endpoints = endpointsToLookAt(looked)
  if (!Array.isArray(endpoints)) return endpoints
  const versions: string[] = []
  for (const { id, api_version: own } of endpoints) {
    const version = own ?? await accountVersion()
    if (version == null) {
      return skip(`The webhook endpoint ${id} has the account's API version, and no event tells yet which that is. Versions since ${OLDEST_READ_API_VERSION} are read.`)
    }
    const read = readsApiVersion(version)
    const whose = own === null ? `API version ${version}, the account's` : `API version ${version}`
    if (read === 'older') {
      return fail(`The webhook endpoint ${id} has ${whose}; versions since ${OLDEST_READ_API_VERSION} are read.`, ANOTHER_ENDPOINT)
    }
    if (read === 'newer') {
      return fail(`The webhook endpoint ${id} has ${whose}, which is newer than the newest that is read, ${STRIPE_API_VERSION}.`,
        `Update fastify-affitor. If this is the newest one: ${ANOTHER_ENDPOINT.charAt(0).toLowerCase()}${ANOTHER_ENDPOINT.slice(1)}`)
    }
    versions.push(version)
  }
  return pass(`Events come as snapshots in API version ${[...new Set(versions)].join(' and ')}, which is read.`)
}

const ANOTHER_ENDPOINT = 'An endpoint\'s version cannot be changed: delete it in Stripe\'s Dashboard under Webhooks, and run "npx fastify-affitor setup", which makes one with the right version.'

/** Those that are on; all when none is. */
function endpointsToLookAt (looked: LookedFor): Stripe.WebhookEndpoint[] | Finding {
  if ('instead' in looked) return looked.instead.status === 'fail' ? skip('Not asked: the address of the webhook is wrong.') : looked.instead
  const { matching } = looked.found
  const on = matching.filter(({ status }) => status === 'enabled')
  if (matching.length === 0) return skip(`Not asked: no webhook endpoint leads to ${looked.url.href}.`)
  return on.length > 0 ? on : matching
}

export function modeName (livemode: boolean): string {
  return livemode ? 'live' : 'test'
}
