import { setTimeout as delay } from 'node:timers/promises'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { trackingEvents } from '../db/tables.js'
import type { Notifier } from '../db/notifications.js'
import { isDatabaseUnavailable } from '../db/pool.js'
import type { Database, Transaction } from '../db/pool.js'
import { groupCommit } from '../group-commit.js'
import { acceptance, inSpan } from '../tracing.js'
import { tryLockCustomers } from './locks.js'
import { trackingEventColumns } from './tracking-events.js'
import type { TrackingEventRow } from './tracking-events.js'

/** A fact that an app tells; its fields are the arguments of `affitor.track_lead`, `track_sale` and `track_refund`. */
export type ToldFact = ToldContent & {
  /** The trace that its deliveries go on with. */
  traceparent?: Told<string>
}

type ToldContent = { kind: 'lead', customerKey: string, email?: Told<string>, clickId?: Told<string> } | {
  kind: 'sale'
  customerKey: string
  transactionId: string
  amountCents: number
  currency?: Told<string>
  saleType?: Told<string>
  isRecurring?: Told<boolean>
  subscriptionId?: Told<string>
  subscriptionInterval?: Told<string>
  clickId?: Told<string>
  productId?: Told<string>
  occurredAt?: Told<Date>
} | { kind: 'refund', saleTransactionId: string, refundId?: Told<string>, amountCents?: Told<number>, reason?: Told<string> }

/** Null and empty are as absent. */
type Told<T> = T | null | undefined

export interface Stored {
  event: TrackingEventRow
  /** False when it was there already, whoever brought it. */
  created: boolean
  /** Names of the fields that were told, and are stored otherwise; empty when it was created. */
  differences: string[]
}

/** One of the SQL functions refused a fact. */
export class FactRefusedError extends Error {
  override name = 'FactRefusedError'
  /** SQLSTATE: 22023 an argument, P0002 the sale is not known, 23505 the sale has another refund without an id. */
  readonly code: string
  constructor (code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Another transaction, such as an app's own, adds facts of the same customer and does not end. */
export class CustomerBusyError extends Error {
  override name = 'CustomerBusyError'
}

/** Where a fact comes from that an app told rather than Stripe. */
export const API_SOURCE = 'api'

/** Most facts of one transaction: each takes a lock and a subtransaction. */
const MOST_FACTS = 50
/** The first wait for another transaction, which doubles up to the longest; in milliseconds. */
const BUSY_WAIT_MS = 10
const BUSY_LONGEST_WAIT_MS = 320
/** How long a fact waits for them altogether, in milliseconds. */
const BUSY_LIMIT_MS = 5_000

type Outcome = Stored | FactRefusedError | 'busy'

/**
 * Stores facts, each committed when it resolves. Those that come at the same moment share a transaction, in the order of
 * their arrival; one at a time, which keeps that order also from one to the next.
 * @param onGroup told how many those are
 * @throws {FactRefusedError} alone, whatever comes with it; {CustomerBusyError}; QueueFullError
 */
export function openReports (db: Database, notifier: Notifier, onGroup?: (size: number) => void): (fact: ToldFact) => Promise<Stored> {
  const store = groupCommit({
    store: (facts: ToldFact[]) => db.transaction(tx => storeTogether(tx, facts)),
    isOutage: isDatabaseUnavailable,
    mostItems: MOST_FACTS,
    atOnce: 1,
    onGroup
  })

  return fact => inSpan(acceptance('tracking_events', { 'affitor.fact.kind': fact.kind }), async ({ traceparent }) => {
    const told: ToldFact = { ...fact, traceparent }
    const until = performance.now() + BUSY_LIMIT_MS
    for (let wait = BUSY_WAIT_MS; ; wait = Math.min(2 * wait, BUSY_LONGEST_WAIT_MS)) {
      const outcome = await store(told)
      if (outcome instanceof FactRefusedError) throw outcome
      if (outcome !== 'busy') {
        if (outcome.created) {
          notifier.notify('tracking_events')
          // Those that waited for it.
          notifier.notify('stripe_events')
        }
        return outcome
      }
      if (performance.now() > until) throw new CustomerBusyError('Another transaction adds facts of the same customer, and has not ended.')
      await delay(wait)
    }
  })
}

/** Who waits for a customer would keep all others waiting: its facts are left for later, and no two groups can wait for each other. */
async function storeTogether (tx: Transaction, facts: ToldFact[]): Promise<Outcome[]> {
  const customers = await customersOf(tx, facts)
  const held = await tryLockCustomers(tx, customers.flat())
  const free = facts.filter((_fact, i) => customers[i]?.every(customer => held.has(customer)))
  const { rows } = await tx.execute<{ id: string | null, created: boolean, refused: string, message: string }>(sql`
    select * from affitor.track_all(${JSON.stringify(free.map(fact => ({ ...fact, source: API_SOURCE })))}::jsonb)`)
  const stored = await eventsOf(tx, rows.flatMap(({ id }) => id === null ? [] : Number(id)))
  const outcomes = new Map(free.map((fact, i): [ToldFact, Outcome] => {
    const { id, created, refused, message } = rows[i] as typeof rows[number]
    const event = stored.get(Number(id))
    return [fact, event === undefined ? new FactRefusedError(refused, message) : { event, created, differences: created ? [] : differences(fact, event) }]
  }))
  return facts.map(fact => outcomes.get(fact) ?? 'busy')
}

/** Whose each fact is: of a refund, whoever the sale is stored of, or told of together with it. */
async function customersOf (tx: Transaction, facts: ToldFact[]): Promise<string[][]> {
  const refunded = facts.flatMap(fact => fact.kind === 'refund' ? fact.saleTransactionId : [])
  const sales = refunded.length === 0
    ? []
    : await tx.select({ transactionId: trackingEvents.transactionId, customerKey: trackingEvents.customerKey }).from(trackingEvents)
      .where(and(eq(trackingEvents.kind, 'sale'), inArray(trackingEvents.transactionId, refunded)))
  const known = [...sales, ...facts.filter(fact => fact.kind === 'sale')]
  return facts.map(fact => fact.kind === 'refund'
    ? known.filter(({ transactionId }) => transactionId === fact.saleTransactionId).map(({ customerKey }) => customerKey)
    : [fact.customerKey])
}

async function eventsOf (tx: Transaction, ids: number[]): Promise<Map<number, TrackingEventRow>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.select(trackingEventColumns).from(trackingEvents).where(inArray(trackingEvents.id, ids))
  return new Map(rows.map(row => [row.id, row]))
}

/** Which fields were told and are stored otherwise; what was not told is not compared. */
function differences (fact: ToldFact, { customerKey, saleTransactionId, payload, occurredAt }: TrackingEventRow): string[] {
  const { refundReason: reason, ...content } = payload as Record<string, unknown>
  const stored: Record<string, unknown> = { ...content, customerKey, saleTransactionId, reason, occurredAt }
  const { kind: _kind, traceparent: _traceparent, ...told } = fact
  // What a fact is found by is the same.
  return Object.entries(told).filter(([name, value]) =>
    !['transactionId', 'refundId'].includes(name) && !isAbsent(value) && comparable(name, value) !== comparable(name, stored[name])).map(([name]) => name)
}

function isAbsent (value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function comparable (name: string, value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  return typeof value === 'string' && (name === 'email' || name === 'currency') ? value.toLowerCase() : value
}
