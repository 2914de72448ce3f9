import { parseArgs } from 'node:util'
import { loadConfig, readEnvironment } from '../src/config.js'
import { openForCommand } from '../src/db/for-command.js'
import { openInbox } from '../src/ledger/inbox.js'
import { main } from '../src/run.js'
import { createStripeClient } from '../src/stripe/client.js'
import { EVENT_RETENTION_DAYS, reconcile } from '../src/stripe/reconcile.js'

const USAGE = `Usage: npm run reconcile -- --since 2026-11-01 [--undelivered]

Stores the Stripe events that the webhook never received, after an outage for example.
  --since        a date or time, at most ${EVENT_RETENTION_DAYS} days ago: Stripe keeps events no longer
  --undelivered  only events that Stripe could not deliver to any endpoint`

await main(async () => {
  const { values } = parseArgs({ options: { since: { type: 'string' }, undelivered: { type: 'boolean', default: false } } })
  const since = readSince(values.since)
  const config = loadConfig(readEnvironment())
  const { db, notifier, close } = await openForCommand(config)
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
})

function readSince (text: string | undefined): Date {
  const since = new Date(text ?? '')
  if (Number.isNaN(since.getTime())) throw new Error(USAGE)
  const earliest = new Date(Date.now() - EVENT_RETENTION_DAYS * 86_400_000)
  if (since < earliest) throw new Error(`Stripe keeps events for ${EVENT_RETENTION_DAYS} days. The earliest time to ask for is ${earliest.toISOString()}.`)
  return since
}
