import type { Database } from '../db/pool.js'
import { readAttributionSigns } from '../ledger/attribution-signs.js'
import type { AttributionSigns } from '../ledger/attribution-signs.js'
import { fail, pass, skip } from './check.js'
import type { Check, Finding } from './check.js'

export interface AttributionChecksOptions {
  /** Undefined, or rejects, when the ledger cannot be read. */
  readSigns: (() => Promise<AttributionSigns>) | undefined
  /** Clicks on partners' links in 24 hours, as Affitor says; null when it does not. */
  readClicks: () => Promise<number | null>
}

/** From so many on, none of a kind is no chance any more. */
const FEW = 5

/** What the facts so far show of the mistakes of Affitor's guide: https://docs.affitor.com, "Common mistakes". */
export function attributionChecks ({ readSigns, readClicks }: AttributionChecksOptions): Check[] {
  let read: Promise<AttributionSigns | undefined> | undefined
  const bySigns = (name: string, judge: (signs: AttributionSigns) => Finding | Promise<Finding>): Check => ({
    name,
    async run () {
      read ??= readSigns === undefined ? Promise.resolve(undefined) : readSigns().catch(() => undefined)
      const signs = await read
      return signs === undefined ? skip('The ledger cannot be read.') : await judge(signs)
    }
  })
  return [
    bySigns('signups-with-click', async ({ leads }) => clicksFinding(leads, leads.withClick === 0 ? await readClicks() : null)),
    bySigns('sale-key-is-lead-key', ({ buyers }) => keysFinding(buyers)),
    bySigns('subscription-metadata', ({ subscriptions }) => metadataFinding(subscriptions)),
    bySigns('renewals', renewalsFinding)
  ]
}

/** Reads the signs of this database. */
export const signsOf = (db: Database) => async () => await readAttributionSigns(db)

function clicksFinding ({ count, withClick }: AttributionSigns['leads'], clicks: number | null): Finding {
  if (count === 0) return skip('Nobody has signed up yet.')
  if (withClick > 0) return pass(`${withClick} of the last ${count} signups came with a click.`)
  const none = `None of the last ${count} signups came with a click`
  if (clicks === null) return skip(`${none}, and how many clicks there are Affitor does not tell.`)
  if (clicks === 0) return skip(`${none}, and Affitor has seen no click in 24 hours.`)
  if (count < FEW) return skip(`${none}, which may be chance: Affitor has seen ${clicks} clicks in 24 hours.`)
  return fail(`${none}, while Affitor has seen ${clicks} clicks in 24 hours: the click id is not forwarded.`,
    'Let the signup form send window.affitor.getClickId() to your backend, and the backend give it as clickId with the lead; ' +
    'or let browsers send the cookie affitor_click_id along. `verify --page` looks at the form.')
}

function keysFinding ({ count, withoutLead, byStripeCustomer, byEmail }: AttributionSigns['buyers']): Finding {
  if (count === 0) return skip('Nobody has paid yet.')
  if (withoutLead === 0) return pass(`Each of the last ${count} customers who paid has a lead under the same key.`)
  const found = `${withoutLead} of the last ${count} customers who paid have no lead under the key of their sale`
  const wrongKind = [
    ...(byStripeCustomer > 0 ? [`${byStripeCustomer} of these keys are ids of Stripe customers`] : []),
    ...(byEmail > 0 ? [`${byEmail} are e-mail addresses`] : [])
  ]
  if (wrongKind.length === 0 && (count < FEW || withoutLead * 2 < count)) {
    return pass(`${found}: as it is with who signed up before there were leads.`)
  }
  return fail([found, ...wrongKind].join(', ') + '.',
    'Use one key for a customer everywhere, your own user id: as customerKey of the lead, and in the metadata that withAttribution (or attributionMetadata) plants at checkout. ' +
    'Report the leads of who signed up earlier by trackLead or POST /api/leads.')
}

function metadataFinding ({ count, withoutCustomer }: AttributionSigns['subscriptions']): Finding {
  if (count === 0) return skip('No subscription has begun in 30 days.')
  if (withoutCustomer === 0) return pass(`Each of the ${count} subscriptions that began in 30 days told who subscribed.`)
  const found = `${withoutCustomer} of the ${count} subscriptions that began in 30 days told nobody who subscribed`
  return withoutCustomer * 2 < count
    ? pass(`${found}: as it is with those that something else sells by the same Stripe account.`)
    : fail(`${found}: no sale and no renewal of them is counted.`,
      'Plant the metadata in subscription_data.metadata too, as withAttribution does: renewals carry only that of the subscription. ' +
      'For subscriptions that exist, set their metadata at Stripe to what attributionMetadata returns.')
}

function renewalsFinding ({ renewals, dueForRenewal }: AttributionSigns): Finding {
  if (renewals > 0) return pass(`Renewals are seen: ${renewals} among the newest facts.`)
  if (dueForRenewal === 0) return skip('No monthly subscription is old enough to have been renewed.')
  if (dueForRenewal < FEW) return skip(`No renewal has been seen, of ${dueForRenewal} monthly ${dueForRenewal === 1 ? 'subscription that is' : 'subscriptions that are'} old enough; they may have been cancelled.`)
  return fail(`No renewal has been seen, though ${dueForRenewal}${dueForRenewal >= 100 ? ' or more' : ''} monthly subscriptions began over 35 days ago.`,
    'Let Stripe send invoice.paid to the webhook endpoint (`npx fastify-affitor setup` adds what is missing), and see that subscriptions carry the metadata.')
}
