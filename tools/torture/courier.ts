import { setTimeout as delay } from 'node:timers/promises'
import { signatureHeader } from '../../sandbox/stripe/delivery.js'
import type { StoredEvent } from '../../sandbox/stripe/state.js'
import type { Book } from '../harness/book.js'
import { between, randomFrom } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { RunningStripe } from '../harness/stand-ins.js'
import type { Client } from './client.js'

const LATEST_FIRST_TRY_MS = 300
const LATEST_REPEAT_MS = 200
/** Share of the events that are sent again although they were answered 200. */
const REPEATED = 0.2

export interface CourierOptions {
  client: Client
  book: Book
  stripe: RunningStripe
  seed: number
  /** Takes the events that were refused. */
  violations: string[]
}

/**
 * Brings Stripe's events as Stripe does: not in order, again until a 2xx, and some again after that. The stand-in
 * has no webhook address, so that all of it follows from the seed.
 */
export class Courier {
  readonly #options: CourierOptions
  readonly #underway = new Set<Promise<void>>()
  #count = 0

  constructor (options: CourierOptions) {
    this.#options = options
  }

  /** Takes events that have just happened, by their ids. */
  take (ids: string[]): void {
    const { stripe: { sandbox: { stripe } }, seed } = this.#options
    for (const id of ids) {
      const stored = stripe.state.events.get(id) as StoredEvent
      const delivery = this.#deliver(stored, randomFrom(seed, 'event', this.#count++))
      this.#underway.add(delivery)
      void delivery.finally(() => { this.#underway.delete(delivery) })
    }
  }

  /** Resolves when every event was answered 200. */
  async idle (): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway)
  }

  async #deliver ({ event }: StoredEvent, random: Random): Promise<void> {
    const payload = JSON.stringify(event)
    await delay(between(random, 0, LATEST_FIRST_TRY_MS))
    await this.#bring(event.id, event.type, payload, random)
    if (random() > REPEATED) return
    await delay(between(random, 0, LATEST_REPEAT_MS))
    await this.#bring(event.id, event.type, payload, random)
  }

  async #bring (id: string, type: string, payload: string, random: Random): Promise<void> {
    const { client, book, stripe, violations } = this.#options
    const headers = { 'stripe-signature': signatureHeader(payload, stripe.webhookSecret, Math.floor(Date.now() / 1000)) }
    const { status, body } = await client.insist(random, '/webhooks/stripe', payload, headers)
    if (status === 200) book.events.set(id, type)
    else violations.push(`the event ${id} was answered ${status} ${JSON.stringify(body)}`)
  }
}
