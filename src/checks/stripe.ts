import type Stripe from 'stripe'
import { STRIPE_API_VERSION } from '../stripe/api-version.js'
import { NEEDED_EVENT_TYPES } from '../stripe/interpret/index.js'
import { cannotCheck, fail, pass, skip } from './check.js'
import type { Check, Finding } from './check.js'
import { once } from './once.js'
import { askWhoseKey, ifAllowed, withKey } from './stripe-access.js'
import type { FirstAnswer } from './stripe-access.js'
import { endpointFinding, eventsFinding, lookForEndpoints, modeName, versionFinding } from './stripe-endpoint.js'
import { permissionsFinding } from './stripe-permissions.js'

export interface StripeChecksOptions {
  /** Asks Stripe; without it nothing can be asked. */
  stripe?: Stripe | undefined
  /** Its key, of which only the beginning is read. */
  secretKey?: string | undefined
  /** Which mode is meant. */
  livemode: boolean
  /** Where Stripe is to send its events. A bare origin gets the plugin's path. */
  webhookUrl?: string | undefined
  /** Connected accounts whose payments count: their events come from an endpoint of their own. */
  connectedAccounts?: readonly string[] | undefined
}

const NAMES = [
  'stripe-key', 'stripe-mode', 'clock', 'stripe-permissions', 'stripe-endpoint', 'stripe-endpoint-events', 'stripe-endpoint-api-version', 'stripe-deliveries'
]

/** Signatures are good for so long: https://docs.stripe.com/webhooks/signature */
const MOST_SECONDS_APART = 300
const MANY_SECONDS_APART = 30
const DELIVERY_DAYS = 3
/** A younger event may be on its way still, in seconds. */
const SETTLED_AFTER_SECONDS = 600
const MOST_EVENTS = 20

/** Questions about the Stripe account, and what it sends. */
export function stripeChecks ({ stripe, secretKey = '', livemode, webhookUrl, connectedAccounts = [] }: StripeChecksOptions): Check[] {
  if (stripe === undefined) return cannotCheck(NAMES, 'No Stripe key is set.')
  const as = { apiVersion: STRIPE_API_VERSION }
  const firstAnswer = once(() => askWhoseKey(stripe))
  const looked = once(() => lookForEndpoints(stripe, webhookUrl))
  const newestVersion = once(async () => (await ifAllowed(() => stripe.events.list({ limit: 1 }, as)))?.data[0]?.api_version)
  const keyMode = once(async () => livemodeOf(secretKey) ?? (await ifAllowed(() => stripe.balance.retrieve({}, as)))?.livemode)
  const check = (name: string, run: () => Promise<Finding>) => withKey(name, firstAnswer, run)
  return [
    { name: 'stripe-key', run: async () => keyFinding(await firstAnswer(), livemodeOf(secretKey)) },
    check('stripe-mode', async () => modeFinding(await keyMode(), livemode)),
    { name: 'clock', run: async () => clockFinding(await firstAnswer()) },
    check('stripe-permissions', () => permissionsFinding(stripe, secretKey.startsWith('rk_'))),
    check('stripe-endpoint', async () => endpointFinding(await looked(), livemode, connectedAccounts.length > 0)),
    check('stripe-endpoint-events', async () => eventsFinding(await looked())),
    check('stripe-endpoint-api-version', async () => await versionFinding(await looked(), newestVersion)),
    check('stripe-deliveries', () => deliveriesFinding(stripe))
  ]
}

function livemodeOf (secretKey: string): boolean | undefined {
  const mode = /^(?:sk|rk)_(live|test)_/.exec(secretKey)?.[1]
  return mode === undefined ? undefined : mode === 'live'
}

function keyFinding ({ key }: FirstAnswer, livemode: boolean | undefined): Finding {
  if (key.is === 'accepted') {
    const account = key.account === undefined ? '' : `, of account ${key.account}`
    return pass(`The key is valid${account}${livemode === undefined ? '' : `, in ${modeName(livemode)} mode`}.`)
  }
  return key.is === 'refused'
    ? fail(key.why, 'Set STRIPE_SECRET_KEY to a key that Stripe\'s Dashboard shows under "API keys", where it also says from which addresses a key may be used.')
    : fail(key.why, 'Look whether this machine reaches api.stripe.com (firewall, proxy, STRIPE_API_URL) and what https://status.stripe.com says, and run this again.')
}

function modeFinding (key: boolean | undefined, livemode: boolean): Finding {
  if (key === undefined) return skip('Neither the key nor Stripe tells the mode: the key lacks the permission Balance: Read.')
  if (key === livemode) return pass(`The key is of ${modeName(key)} mode, as is meant.`)
  return fail(`The key is of ${modeName(key)} mode, and ${modeName(livemode)} mode is meant: events of one mode do not count in the other.`,
    `Set STRIPE_SECRET_KEY to a key of ${modeName(livemode)} mode (sk_${modeName(livemode)}_... or rk_${modeName(livemode)}_...), or the option livemode to ${key}.`)
}

function clockFinding ({ date, sentAt, receivedAt }: FirstAnswer): Finding {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return skip('No answer of Stripe tells the time.')
  // The header leaves out fractions of a second.
  const behind = theirs > receivedAt
  const apart = Math.max(0, behind ? theirs - receivedAt : sentAt - theirs - 999) / 1000
  const told = `about ${Math.round(apart / 10) * 10} s ${behind ? 'behind' : 'ahead of'} Stripe's`
  if (apart > MOST_SECONDS_APART) {
    return fail(`The clock of this machine is ${told}. A webhook's signature is held against it, and good for ${MOST_SECONDS_APART} s.`,
      'Have the clocks of all machines that take webhooks set by NTP.')
  }
  return pass(apart > MANY_SECONDS_APART
    ? `The clock of this machine is ${told}; from ${MOST_SECONDS_APART} s on webhooks are refused. It should be set by NTP.`
    : 'The clock of this machine agrees with Stripe\'s.')
}

async function deliveriesFinding (stripe: Stripe): Promise<Finding> {
  const now = Math.floor(Date.now() / 1000)
  const events = await ifAllowed(() => stripe.events.list({
    delivery_success: false,
    types: [...NEEDED_EVENT_TYPES],
    created: { gte: now - DELIVERY_DAYS * 86_400, lte: now - SETTLED_AFTER_SECONDS },
    limit: MOST_EVENTS
  }, { apiVersion: STRIPE_API_VERSION }))
  if (events === undefined) return skip('The key may not list events: it lacks the permission Events: Read.')
  const newest = events.data[0]
  const oldest = events.data.at(-1)
  if (newest === undefined || oldest === undefined) return pass(`Every needed event of the last ${DELIVERY_DAYS} days was delivered.`)
  const count = events.has_more ? `More than ${MOST_EVENTS} needed events` : events.data.length === 1 ? 'One needed event' : `${events.data.length} needed events`
  const when = newest.created === oldest.created ? `of ${timeOf(newest)}` : `from ${timeOf(oldest)} to ${timeOf(newest)}`
  return fail(`${count} of the last ${DELIVERY_DAYS} days did not reach every webhook endpoint of the account: ${events.has_more ? `the newest ${MOST_EVENTS} ` : ''}${when}.`,
    'See in Stripe\'s Dashboard under Webhooks why deliveries fail. Then resend them there or with the Stripe CLI ("stripe events resend"); ' +
    `the standalone service fetches them with "npm run reconcile -- --since ${DELIVERY_DAYS}d --undelivered".`)
}

function timeOf ({ created }: Stripe.Event): string {
  return new Date(created * 1000).toISOString().replace('.000Z', 'Z')
}
