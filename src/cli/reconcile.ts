import type { ProvidedConfig } from '../service/config.js'
import { openForCommand } from '../service/database/for-command.js'
import { openInbox } from '../ledger/inbox.js'
import { runIfEntry } from '../service/run.js'
import { createStripeClient } from '../stripe/client.js'
import { EVENT_RETENTION_DAYS, reconcile } from '../stripe/reconcile.js'
import { readArguments } from './arguments.js'
import { readSince } from './since.js'

const USAGE = `Usage: npm run reconcile -- --since 7d [--undelivered]

Stores the Stripe events that the webhook never received, after an outage for example.
  --since        how far back: 7d, 12h, or a date or time; at most ${EVENT_RETENTION_DAYS} days: Stripe keeps events no longer
  --undelivered  only events that Stripe could not deliver to any endpoint`

export async function run (provide: () => Promise<ProvidedConfig>): Promise<void> {
  const values = readArguments({ since: { type: 'string' }, undelivered: { type: 'boolean', default: false } }, USAGE)
  if (values.since === undefined) throw new Error(`--since is missing.\n\n${USAGE}`)
  const since = readSince(values.since, new Date(), EVENT_RETENTION_DAYS)
  const provided = await provide()
  const { config } = provided
  const { db, notifier, close } = await openForCommand(provided)
  const inbox = openInbox(db)
  try {
    const { seen, stored } = await reconcile(createStripeClient({ secretKey: config.STRIPE_SECRET_KEY, apiUrl: config.STRIPE_API_URL }), {
      since,
      onlyUndelivered: values.undelivered,
      async store (event) {
        const isNew = await inbox.store(event, JSON.stringify(event))
        if (isNew) console.log(`  new: ${event.id} ${event.type} of ${new Date(event.created * 1000).toISOString()}`)
        return isNew
      },
      onProgress: progress => { console.log(`  ${progress.seen} events, back to ${progress.reached.toISOString()}`) }
    })
    if (stored > 0) notifier.notify('stripe_events')
    console.log(`${seen} events since ${since.toISOString()}; ${stored} had not been received${stored > 0 ? ' and are stored now: the workers take it from here.' : '.'}`)
  } finally {
    await close()
  }
}

await runIfEntry(import.meta.url, run)
