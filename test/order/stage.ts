import pg from 'pg'
import type Stripe from 'stripe'
import type { Test } from 'tap'
import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import { LOOKS_INTO } from '../../tools/harness/databases.js'
import { startAffitor } from '../helpers/affitor.js'
import { createTestDatabase } from '../helpers/database.js'
import { startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'
import { startStripe } from '../helpers/stripe.js'
import type { ControlAnswer } from '../helpers/stripe.js'
import { deliver, signature } from '../helpers/webhook.js'
import { prices } from './prices.js'

const SECOND = 1000
const HOUR = 3600 * SECOND
const START = Date.UTC(2026, 10, 1)

export interface Buyer { userId: string, accessToken: string, email: string, clickId: string | undefined }

/** A row of the ledger without what differs from one run to the next. */
export interface LedgerFact {
  kind: 'lead' | 'sale' | 'refund'
  transactionId: string
  saleTransactionId: string | null
  customerKey: string
  payload: { amountCents?: number, full?: boolean, currency?: string, isRecurring?: boolean, subscriptionInterval?: string, clickId?: string }
  state: string
  reason: string | null
}

/** A call that Affitor saw. */
export interface SeenCall { endpoint: string, status: number | null, body: Record<string, unknown> }

/** A service with both stand-ins, whose Stripe has a clock that the test moves. */
export interface Stage {
  /** The running one: another after a restart. */
  readonly service: Service
  /** Lets time pass at Stripe, in hours; every action takes an hour by itself. */
  pass (hours: number): void
  /** What Stripe's clock shows, in seconds. */
  time (): number
  signUp (options?: { clicked?: boolean }): Promise<Buyer>
  /** A click of which Affitor makes a new click id. */
  click (): Promise<string>
  /** An action at Stripe. With webhooks that are not held, the service has done its work afterwards. */
  act (path: string, body?: object): Promise<ControlAnswer>
  /** The events at Stripe that the service needs, in the order in which they happened. */
  events (): Stripe.Event[]
  /** From now on nothing is delivered but by `deliver`. */
  hold (): Promise<void>
  deliver (event: Stripe.Event): Promise<void>
  /** Has parked events read again without waiting for their time. */
  settle (): Promise<void>
  ledger (): Promise<LedgerFact[]>
  /** Calls other than clicks, in the order of their arrival. */
  calls (): SeenCall[]
  /** The service and Affitor forget all but the signups; Stripe forgets nothing. */
  rewind (): Promise<void>
  /** Everyone forgets everything. */
  clear (): Promise<void>
  /** Closes the service and builds it again on the same database. @param variables instead of those so far */
  restart (variables?: Record<string, string>): Promise<void>
  query (text: string): Promise<void>
}

export async function startStage (t: Test, variables: Record<string, string> = {}): Promise<Stage> {
  let now = START
  const stripe = await startStripe(t, { now: () => new Date(now), prices })
  const affitor = await startAffitor(t, { now: () => new Date(START) })
  const { connectionString } = await createTestDatabase(t)
  let closers: Array<() => unknown> = []
  let variablesNow = variables
  const start = async () => await startService(
    // Its teardown is the restart's, and there may be many.
    { teardown (closer: () => unknown) { closers.push(closer) } } as Test,
    { stripe, affitor, connectionString, variables: variablesNow })
  const close = async () => {
    for (const closer of closers.reverse()) await closer()
    closers = []
  }
  t.teardown(close)
  let service = await start()
  const database = new pg.Client({ connectionString, options: LOOKS_INTO })
  await database.connect()
  t.teardown(() => database.end())
  let clicks = 0
  let held = false

  async function click (): Promise<string> {
    clicks++
    return await affitor.click()
  }

  async function control (method: 'POST' | 'DELETE', path: string, body: object = {}): Promise<ControlAnswer> {
    return await stripe.control(method, path, body)
  }

  return {
    get service () { return service },
    pass (hours) { now += hours * HOUR },
    time: () => now / SECOND,
    async signUp ({ clicked = true } = {}) {
      const clickId = clicked ? await click() : undefined
      const { userId, accessToken, email } = await service.signUp({ affitorClickId: clickId ?? null })
      return { userId, accessToken, email, clickId }
    },
    click,
    async act (path, body) {
      now += HOUR
      const answer = await control('POST', path, body)
      if (!held) await service.work()
      return answer
    },
    events: () => [...stripe.sandbox.stripe.state.events.values()].map(({ event }) => event).filter(({ type }) => NEEDED_EVENT_TYPES.has(type)),
    async hold () {
      held = true
      await control('POST', '/behaviour', { holdWebhooks: true })
    },
    async deliver (event) {
      const payload = JSON.stringify(event)
      const { status } = await deliver(service, payload, { signature: signature(payload, stripe.webhookSecret) })
      if (status !== 200) throw new Error(`${event.type} was answered ${status}`)
    },
    async settle () {
      // A refund may have to wait for an invoice that itself waits for its customer.
      for (let round = 0; round < 3; round++) {
        const { rowCount } = await database.query("update stripe_events set next_attempt_at = now() where state = 'parked'")
        if (rowCount === 0) return
        await service.work()
      }
    },
    async ledger () {
      const { rows } = await database.query<LedgerFact>(`select kind, transaction_id as "transactionId",
        sale_transaction_id as "saleTransactionId", customer_key as "customerKey", payload, state, reason
        from tracking_events order by id`)
      return rows
    },
    calls: () => affitor.calls().filter(({ endpoint }) => endpoint !== 'click')
      .map(({ endpoint, status, body }) => ({ endpoint, status, body: body as Record<string, unknown> })),
    async rewind () {
      await database.query(`
        delete from stripe_events; delete from sale_references; delete from customer_references; delete from delivery_attempts;
        delete from tracking_events where kind <> 'lead';
        update tracking_events set state = 'pending', reason = null, attempts = 0, next_attempt_at = now(), give_up_at = null,
          last_status = null, last_error = null, response = null, settled_at = null;`)
      affitor.sandbox.affitorState.clear()
      // The stand-in's clock stands still, so the same clicks get the same ids.
      for (let click = 0; click < clicks; click++) await affitor.click()
    },
    async clear () {
      await database.query(`delete from stripe_events; delete from sale_references; delete from customer_references;
        delete from delivery_attempts; delete from delivery_pauses; delete from tracking_events; delete from users`)
      affitor.behave({})
      affitor.sandbox.affitorState.clear()
      await control('DELETE', '/state')
      clicks = 0
      now = START
    },
    async restart (changed = variablesNow) {
      await close()
      variablesNow = changed
      service = await start()
    },
    async query (text) { await database.query(text) }
  }
}
