import { signatureHeader } from '../../sandbox/stripe/delivery.js'
import { newId, unixSeconds } from '../../sandbox/stripe/ids.js'
import { event } from '../../sandbox/stripe/objects/index.js'
import { Book } from '../harness/book.js'
import { randomFrom } from '../harness/random.js'
import type { Random } from '../harness/random.js'
import type { StartedAffitor } from '../harness/stand-ins.js'
import type { Answer, Caller } from './caller.js'
import { Events } from '../harness/events.js'
import type { Customer } from '../harness/events.js'

export interface TrafficOptions {
  caller: Caller
  affitor: StartedAffitor
  webhookSecret: string
}

const PASSWORD = 'correct horse battery'
const REFERRED = 0.85
/** Stands for an event's number in the text of `signedPayment`. */
const NUMBER = '%number%'

/** Makes the requests of callers, and keeps book of what was acknowledged. */
export class Traffic {
  readonly book = new Book()
  readonly customers: Customer[] = []
  readonly #options: TrafficOptions
  readonly #random: Random = randomFrom(1, 'traffic')
  readonly #events: Events
  #signups = 0
  #payments = 0
  #paymentText: string | undefined

  constructor (options: TrafficOptions) {
    this.#options = options
    this.#events = new Events(this.#random, this.customers)
  }

  /** A new customer, mostly one that a partner referred. */
  async signUp (): Promise<Answer> {
    const { caller, affitor: { sandbox, programId } } = this.#options
    const email = `customer${++this.#signups}@example.com`
    const clickId = this.#random() < REFERRED ? sandbox.affitorState.addCustomer(programId, 'TESTCODE', new Date()).clickId : undefined
    const answer = await caller.post('/api/signup', JSON.stringify({ email, password: PASSWORD, affitorClickId: clickId }), {})
    if (answer.status === 201) {
      const { userId } = JSON.parse(answer.body) as { userId: string }
      this.book.signups.set(userId, { clickId })
      this.customers.push({ userId, ...(clickId !== undefined && { affitorClickId: clickId }), email, subscription: newId('sub_1') })
    }
    return answer
  }

  /** The next event of a shop in a steady state. */
  makeWebhook (): () => Promise<Answer> {
    const { event: happened, accepted } = this.#events.next()
    const text = JSON.stringify(happened, null, 2)
    return async () => {
      const answer = await this.#send(text)
      if (answer.status === 200) {
        this.book.events.set(happened.id, happened.type)
        accepted(this.book)
      }
      return answer
    }
  }

  /** The same payment by another number: next to no work for the caller, so that it can bring many. */
  async pay (): Promise<Answer> {
    const [customer] = this.customers as [Customer]
    this.#paymentText ??= JSON.stringify(event('checkout.session.completed',
      this.#events.session(customer, { id: `cs_test_${NUMBER}`, payment_intent: `pi_${NUMBER}` }), { id: `evt_${NUMBER}` }), null, 2)
    const number = String(++this.#payments)
    const answer = await this.#send(this.#paymentText.replaceAll(NUMBER, number))
    if (answer.status === 200) this.book.events.set(`evt_${number}`, 'checkout.session.completed')
    return answer
  }

  async #send (text: string): Promise<Answer> {
    const { caller, webhookSecret } = this.#options
    return await caller.post('/webhooks/stripe', text, { 'stripe-signature': signatureHeader(text, webhookSecret, unixSeconds()) })
  }
}
