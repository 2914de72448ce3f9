import { and, eq, inArray, sql } from 'drizzle-orm'
import type { RefundPayload, SalePayload, TrackingState } from '../../schemas/tracking.js'
import { column } from '../db/column.js'
import { arrivals, customerReferences, stripeEvents, trackingEvents } from '../db/tables.js'
import type { Database, Transaction } from '../db/pool.js'
import { tookNothingBack } from './reasons.js'
import type { Reason } from './reasons.js'
import { readAgain } from './stripe-events.js'

interface FactBase {
  /** Unique for its kind: the ledger takes a fact once, whoever brings it. */
  transactionId: string
  customerKey: string
  /** By Stripe's clock. */
  occurredAt?: Date
  /** Set when it is not to be sent. */
  settled?: { state: Exclude<TrackingState, 'pending' | 'delivered'>, reason: Reason }
}

/** A payment; its transaction id is the Checkout Session's or the invoice's id. */
export interface SaleFact extends FactBase { kind: 'sale', payload: SalePayload }
/** Money given back; its transaction id is the refund's own. */
export interface RefundFact extends FactBase { kind: 'refund', saleTransactionId: string, payload: RefundPayload }
export type Fact = SaleFact | RefundFact

/** A Stripe object that belongs to a sale. */
export interface SaleReference { reference: string, saleTransactionId: string }
/** A Stripe customer or subscription that belongs to one of our customers. */
export interface CustomerReference {
  reference: string
  customerKey: string
  livemode: boolean
  since: Date
  /** A Checkout Session of ours made the bond: the next checkout may use it. */
  reusable: boolean
}
/** A fact that turned out otherwise after it was recorded. */
export interface Correction { kind: 'refund', transactionId: string, reason: Reason, reasonIfSent: Reason }

/** A fact, the id of the Stripe event that told it, and the trace that its deliveries go on with. */
export type SourcedFact = Fact & { source: string, traceparent?: string | null }

/** What is told of a fact that is not on its way any more. */
export const endedColumns = {
  id: trackingEvents.id,
  kind: trackingEvents.kind,
  state: trackingEvents.state,
  reason: trackingEvents.reason,
  attempts: trackingEvents.attempts,
  customerKey: trackingEvents.customerKey,
  source: trackingEvents.source,
  traceparent: trackingEvents.traceparent
}

export type EndedFact = Omit<Pick<typeof trackingEvents.$inferSelect, keyof typeof endedColumns>, 'state'> & { state: TrackingState }

/**
 * Adds facts to the ledger, in the caller's transaction. A fact that is there already is left as it is.
 * @returns those that were added, and are not to be sent
 */
export async function insertFacts (tx: Transaction, facts: SourcedFact[]): Promise<EndedFact[]> {
  if (facts.length === 0) return []
  // A time that is none throws here: JSON would make it null, and so now.
  const rows = facts.map(({ settled, occurredAt, ...fact }) => ({ ...fact, ...settled, occurredAt: occurredAt?.toISOString() }))
  const { rows: unsent } = await tx.execute<{ id: number, kind: Fact['kind'], transactionId: string }>(sql`
    select id::float8 as id, kind, transaction_id as "transactionId" from affitor.add_facts(${JSON.stringify(rows)}::jsonb)
    where created and state <> 'pending'`)
  return unsent.flatMap(({ id, kind, transactionId }) => {
    const fact = facts.find(fact => fact.kind === kind && fact.transactionId === transactionId)
    return fact?.settled === undefined ? [] : { id, kind, ...fact.settled, attempts: 0, customerKey: fact.customerKey, source: fact.source, traceparent: fact.traceparent ?? null }
  })
}

/** Remembers which sale Stripe objects belong to. */
export async function insertSaleReferences (tx: Transaction, references: SaleReference[]): Promise<void> {
  if (references.length === 0) return
  await tx.execute(sql`
    insert into affitor.sale_references (reference, sale_transaction_id)
    select * from unnest(${column(references, ({ reference }) => reference)}::text[], ${column(references, ({ saleTransactionId }) => saleTransactionId)}::text[])
    on conflict do nothing`)
}

/**
 * Remembers whose Stripe customers and subscriptions are; the first owner stays.
 * @returns those of which something new is known
 */
export async function insertCustomerReferences (tx: Transaction, references: CustomerReference[]): Promise<string[]> {
  if (references.length === 0) return []
  const learned = await tx.insert(customerReferences).values(references).onConflictDoUpdate({
    target: customerReferences.reference,
    set: {
      since: sql`least(excluded.since, ${customerReferences.since})`,
      reusable: sql`excluded.reusable or ${customerReferences.reusable}`
    },
    setWhere: sql`excluded.customer_key = ${customerReferences.customerKey}
      and (excluded.since < ${customerReferences.since} or excluded.reusable > ${customerReferences.reusable})`
  }).returning({ reference: customerReferences.reference })
  return learned.map(({ reference }) => reference)
}

/**
 * A fact that was not sent yet, or of which Affitor took nothing back, is skipped; another that may have been sent needs a
 * person.
 * @returns those that were not corrected before, as they are now
 */
export async function applyCorrections (tx: Transaction, corrections: Correction[]): Promise<Array<EndedFact & { transactionId: string }>> {
  const changed: Array<EndedFact & { transactionId: string }> = []
  for (const { kind, transactionId, reason, reasonIfSent } of corrections) {
    const unsent = sql`(${trackingEvents.state} in ('pending', 'needs_attention') and ${trackingEvents.attempts} = 0
      or ${trackingEvents.state} = 'skipped' or coalesce(${trackingEvents.reason} in ${tookNothingBack}, false))`
    const rows = await tx.update(trackingEvents).set({
      state: sql`case when ${unsent} then 'skipped' else 'needs_attention' end`,
      reason: sql`case when ${unsent} then ${reason} else ${reasonIfSent} end`,
      settledAt: sql`now()`,
      nextAttemptAt: null,
      leasedBy: null,
      leasedUntil: null
    }).where(and(
      eq(trackingEvents.kind, kind), eq(trackingEvents.transactionId, transactionId),
      sql`${trackingEvents.reason} is distinct from ${reason} and ${trackingEvents.reason} is distinct from ${reasonIfSent}`
    )).returning({ ...endedColumns, transactionId: trackingEvents.transactionId })
    changed.push(...rows)
  }
  return changed
}

/** Tells what became known, so that events which wait for it are read again once this transaction is committed. */
export async function announce (tx: Transaction, references: string[]): Promise<void> {
  if (references.length === 0) return
  await tx.execute(sql`insert into affitor.arrivals (reference) select unnest(${sql.param(references)}::text[])`)
}

/** Most arrivals of one statement. */
const ARRIVALS_AT_ONCE = 1_000

/**
 * Has events read again that waited for what has become known, also those that were given up meanwhile: so the order of
 * arrival makes no difference, however long one takes.
 */
export async function wakeWaiting (db: Database): Promise<void> {
  const arrived = db.$with('arrived', { reference: sql<string>`reference`.as('reference') }).as(sql`
    delete from ${arrivals} where id = any (array(
      select id from ${arrivals} order by id limit ${ARRIVALS_AT_ONCE} for update skip locked))
    returning reference`)
  await db.with(arrived).update(stripeEvents).set(readAgain).where(and(
    inArray(stripeEvents.state, ['parked', 'ignored']),
    sql`${stripeEvents.waitingFor} && (select array_agg(reference) from ${arrived})`))
}
