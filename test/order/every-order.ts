import { isDeepStrictEqual } from 'node:util'
import type Stripe from 'stripe'
import type { Test } from 'tap'
import { randomFrom, shuffled } from '../../tools/harness/random.js'
import type { Random } from '../../tools/harness/random.js'
import { audit } from './audit.js'
import type { Journey } from './journeys.js'
import type { LedgerFact, SeenCall, Stage } from './stage.js'

/** At most so many orders of a journey are tried; unless it is set, only as many as fit into the time. */
const RUNS = Number(process.env.ORDER_RUNS ?? 120)
const TIME_MS = process.env.ORDER_RUNS === undefined ? 400 : Infinity
/** Of a whole file. */
export const TIMEOUT_MS = process.env.ORDER_RUNS === undefined ? 180_000 : 3_600_000
const SEED = Number(process.env.ORDER_SEED ?? Math.floor(Math.random() * 2 ** 31))

type When = 'work at the end' | 'work after each event'

/**
 * Plays a journey once, live, then delivers its events in every order. Whatever the order, the ledger and the
 * calls that Affitor saw must be those of the live run.
 */
export async function deliversInEveryOrder (t: Test, stage: Stage, journey: Journey): Promise<void> {
  await stage.clear()
  await journey.play(stage)
  await stage.service.work()
  audit(await stage.ledger(), stage.calls(), stage.service.stripe.sandbox.stripe.state)
  const live = outcome(await stage.ledger(), stage.calls())
  const events = stage.events()
  const random = randomFrom(SEED + 1)
  const end = performance.now() + TIME_MS
  let tried = 0
  for (const order of ordersOf(events, RUNS, randomFrom(SEED))) {
    if (performance.now() > end && tried > 0) break
    tried++
    for (const when of ['work at the end', 'work after each event'] as const) {
      await replay(stage, order, when, random)
      const calls = stage.calls()
      const found = outcome(await stage.ledger(), calls)
      const late = outOfOrder(calls)
      if (isDeepStrictEqual(found, live) && late.length === 0) continue
      t.same(found, live, `${when}: ${order.map(describe).join(', ')}`)
      t.same(late, [], 'a lead before its sale, a sale before its refund')
      return
    }
  }
  t.pass(`${events.length} events in ${tried === factorial(events.length) ? 'all ' : ''}${tried} orders (ORDER_SEED=${SEED})`)
}

/** Each event twice: at the end also once more in another order. */
async function replay (stage: Stage, events: Stripe.Event[], when: When, random: Random): Promise<void> {
  await stage.rewind()
  if (when === 'work at the end') {
    for (const event of [...events, ...shuffled(events, random)]) await stage.deliver(event)
  } else {
    for (const event of events) {
      await stage.deliver(event)
      await stage.service.work()
      await stage.deliver(event)
    }
  }
  await stage.service.work()
  await stage.settle()
}

function outcome (ledger: LedgerFact[], calls: SeenCall[]) {
  return {
    ledger: ledger.map(fact => JSON.stringify(fact)).sort(),
    calls: calls.map(call => JSON.stringify(call)).sort()
  }
}

/** Calls that came before one that they follow from. */
function outOfOrder (calls: SeenCall[]): SeenCall[] {
  const seen = new Set<unknown>()
  return calls.filter(({ endpoint, body }) => {
    const needed = { lead: undefined, sale: body.customer_key, refund: body.transaction_id }[endpoint]
    seen.add(endpoint === 'lead' ? body.customer_key : body.transaction_id)
    return needed !== undefined && !seen.has(needed)
  })
}

function describe (event: Stripe.Event): string {
  return `${event.type} ${'id' in event.data.object ? event.data.object.id.slice(0, 12) : ''}`
}

/** Orders of `items`, without repetition and at most `limit`: the reverse, then others at random. */
function ordersOf<T> (items: readonly T[], limit: number, random: Random): T[][] {
  const indexes = items.map((_, index) => index)
  const found = new Map<string, number[]>()
  const wanted = Math.min(limit, factorial(items.length))
  for (let order = indexes.toReversed(); found.size < wanted; order = shuffled(indexes, random)) found.set(order.join(), order)
  return [...found.values()].map(order => order.map(index => items[index] as T))
}

function factorial (n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1)
}
