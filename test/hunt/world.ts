import fc from 'fast-check'
import type Stripe from 'stripe'
import type { StripeState } from '../../sandbox/stripe/index.js'
import type { Buyer, Stage } from '../order/stage.js'
import { expectedSales, ordinary } from './rules.js'
import type { Settings } from './rules.js'

/** What the rules derive the expectation from: Stripe's books, who signed up, and what the shop had chosen when. */
export interface Model {
  books: StripeState
  buyers: Buyer[]
  settings: Settings
  /** By transaction id, for sales that were counted under earlier settings. */
  countedUnder: Map<string, Settings>
}

/** The service and both stand-ins, while it all happens. */
export interface World {
  stage: Stage
  model: Model
  /** Ids of the events that the service was sent. */
  delivered: Set<string>
  /** Commands that did something. */
  done: number
}

export type Command = fc.AsyncCommand<Model, World>

interface Step<P> {
  /** What it is done to, or whether it can be done; undefined or false: it cannot. */
  can?: (model: Model, params: P) => unknown
  run: (world: World, params: P) => Promise<unknown>
}

/** Commands of one kind. What Stripe refuses does not happen. */
export function step<P> (name: string, params: fc.Arbitrary<P>, { can = () => true, run }: Step<P>): fc.Arbitrary<Command> {
  return params.map(given => ({
    check: model => ![undefined, false].includes(can(model, given) as undefined),
    run: async (_model, world) => {
      world.done++
      try {
        await run(world, given)
      } catch (error) {
        if (!isRefusal(error)) throw error
      }
    },
    toString: () => `${name}${given === undefined ? '' : ` ${JSON.stringify(given)}`}`
  }))
}

/** Of the stand-in's controls, or of Stripe's API. */
function isRefusal (error: unknown): boolean {
  return error instanceof Error && (/: 4\d\d /.test(error.message) || (error as Partial<Stripe.StripeRawError>).statusCode === 400)
}

export function newWorld (stage: Stage, buyers: Buyer[]): World {
  const { state } = stage.service.stripe.sandbox.stripe
  return { stage, model: { books: state, buyers, settings: ordinary, countedUnder: new Map() }, delivered: new Set(), done: 0 }
}

/** What is to be in the ledger by now. */
export function expectedNow ({ books, buyers, settings, countedUnder }: Model) {
  return expectedSales(books, new Set(buyers.map(({ userId }) => userId)), id => countedUnder.get(id) ?? settings)
}

/** Has every event delivered that was not, and all of them read. Affitor may be in any mood. */
export async function catchUp ({ stage, model, delivered }: World): Promise<void> {
  for (const { event } of model.books.events.values()) {
    if (delivered.has(event.id)) continue
    await stage.deliver(event)
    delivered.add(event.id)
  }
  await stage.service.work()
  await stage.settle()
}

/** A number chooses among what there is. */
export const choice = fc.nat({ max: 20 })

export function pick<T> (items: readonly T[], index: number): T {
  return items[index % items.length] as T
}

export function find<T> (items: Iterable<T>, index: number, matches: (item: T) => boolean): T | undefined {
  const found = [...items].filter(matches)
  return found[index % found.length]
}
