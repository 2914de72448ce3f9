import { parseArgs } from 'node:util'
import { STRIPE_EVENT_STATES } from '../../schemas/tracking.js'
import type { ProvidedConfig } from '../service/config.js'
import { openForCommand } from '../service/database/for-command.js'
import { requeueStripeEvents } from '../ledger/stripe-events.js'
import type { RequeueFilter } from '../ledger/stripe-events.js'
import { runIfEntry } from '../service/run.js'

const STATES = STRIPE_EVENT_STATES.filter(state => state !== 'received')

const USAGE = `Usage: npm run reinterpret -- [--type invoice.paid] [--state ignored] [evt_... ...]

Has stored Stripe events interpreted again, after a rule or a setting has changed. At least one filter is needed.
A fact that is in the ledger stays as it is: nothing is doubled.
  --type   only events of this Stripe type
  --state  only events in this state: ${STATES.join(', ')}`

export async function run (provide: () => Promise<ProvidedConfig>): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { type: { type: 'string' }, state: { type: 'string' } }, allowPositionals: true
  })
  const filter: RequeueFilter = {
    ...(positionals.length > 0 && { ids: positionals }),
    ...(values.type !== undefined && { type: values.type }),
    ...(values.state !== undefined && { state: readState(values.state) })
  }
  if (Object.keys(filter).length === 0) throw new Error(USAGE)
  const { db, notifier, close } = await openForCommand(await provide())
  try {
    const count = await requeueStripeEvents(db, filter)
    if (count > 0) notifier.notify('stripe_events')
    console.log(count === 0 ? 'No stored event matches.' : `${count} events are interpreted again: the workers take it from here.`)
  } finally {
    await close()
  }
}

function readState (text: string) {
  const state = STATES.find(candidate => candidate === text)
  if (state === undefined) throw new Error(USAGE)
  return state
}

await runIfEntry(import.meta.url, run)
