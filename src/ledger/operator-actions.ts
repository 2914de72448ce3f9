import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import type { AttentionGroup } from '../../schemas/operator.js'
import { operatorActions, stripeEvents, trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import { countAttention } from './alerts.js'
import { endedColumns } from './facts.js'
import type { EndedFact } from './facts.js'
import { advise, explain, retryRefusal } from './reasons.js'
import { retryTrackingEvent } from './tracking-events.js'

export type ActionRow = typeof operatorActions.$inferSelect

/** Something that an operator does, and what is said of it. */
export interface Deed extends Pick<ActionRow, 'action'> {
  note?: string | undefined
  /** Who does it; absent when they do not say. */
  by?: string | undefined
}

/** What a deed is done to. */
export type Subject = { trackingEventId: number } | { stripeEventId: string }

/** Remembers what was done to an event, for its customer's story. */
export async function recordAction (db: Queryable, subject: Subject, deed: Deed): Promise<void> {
  if ('trackingEventId' in subject) await recordActions(db, [subject.trackingEventId], deed)
  else {
    await db.execute(sql`
      insert into affitor.operator_actions (stripe_event_id, customer_key, action, note, done_by)
      select id, customer_key, ${deed.action}, ${deed.note ?? null}, ${deed.by ?? null} from affitor.stripe_events where id = ${subject.stripeEventId}`)
  }
}

async function recordActions (db: Queryable, trackingEventIds: number[], { action, note, by }: Deed): Promise<void> {
  await db.execute(sql`
    insert into affitor.operator_actions (tracking_event_id, customer_key, action, note, done_by)
    select id, customer_key, ${action}, ${note ?? null}, ${by ?? null} from affitor.tracking_events where id = any(${sql.param(trackingEventIds)}::bigint[])`)
}

/**
 * Says that a person has dealt with an event, or that they have not after all.
 * @returns whether it needed attention, or with `reopen`, whether it was resolved
 */
export async function resolve (db: Queryable, subject: Subject, deed: Deed & { action: 'resolve' | 'reopen' }): Promise<boolean> {
  return await db.transaction(async tx => {
    const wasResolved = deed.action === 'reopen'
    const change = { resolvedAt: wasResolved ? null : sql`now()` }
    const { rowCount } = 'trackingEventId' in subject
      ? await tx.update(trackingEvents).set(change).where(and(
        eq(trackingEvents.id, subject.trackingEventId), eq(trackingEvents.state, 'needs_attention'),
        wasResolved ? isNotNull(trackingEvents.resolvedAt) : isNull(trackingEvents.resolvedAt)))
      : await tx.update(stripeEvents).set(change).where(and(
        eq(stripeEvents.id, subject.stripeEventId), eq(stripeEvents.state, 'failed'),
        wasResolved ? isNotNull(stripeEvents.resolvedAt) : isNull(stripeEvents.resolvedAt)))
    if (rowCount === 0) return false
    await recordAction(tx, subject, deed)
    return true
  })
}

const unresolved = and(eq(trackingEvents.state, 'needs_attention'), isNull(trackingEvents.resolvedAt))

/** What needs attention, by reason, the most first. */
export async function attentionByReason (db: Queryable): Promise<AttentionGroup[]> {
  return (await countAttention(db)).map(({ since, ...group }) => ({
    ...group,
    explanation: explain(group.reason),
    advice: advise(group.reason),
    retryable: group.kind === 'stripe_event' || retryRefusal(group.reason) === undefined,
    oldestSince: since.toISOString()
  }))
}

/** Most facts that are changed by one call. */
const MOST_AT_ONCE = 1_000

export interface ChangedByReason { changed: number, remaining: number }

/** Says that a person has dealt with all facts that need attention for a reason. */
export async function resolveByReason (db: Queryable, reason: string, { note, by }: Omit<Deed, 'action'>): Promise<ChangedByReason & { facts: EndedFact[] }> {
  return await db.transaction(async tx => {
    const ids = await withReason(tx, reason)
    const facts = await tx.update(trackingEvents).set({ resolvedAt: sql`now()` }).where(and(inArray(trackingEvents.id, ids), unresolved)).returning(endedColumns)
    await recordActions(tx, ids, { action: 'resolve', note, by })
    return { changed: ids.length, remaining: await countOf(tx, reason), facts }
  })
}

/** Sends all facts again that need attention for a reason, each as if it alone were retried. */
export async function retryByReason (db: Queryable, reason: string, by?: string): Promise<ChangedByReason> {
  return await db.transaction(async tx => {
    const ids = await withReason(tx, reason)
    for (const id of ids) await retryTrackingEvent(tx, id)
    await recordActions(tx, ids, { action: 'retry', by })
    return { changed: ids.length, remaining: await countOf(tx, reason) }
  })
}

/** In order of id: a customer's facts go in that order, and a sale takes its refunds along. */
async function withReason (tx: Queryable, reason: string): Promise<number[]> {
  const rows = await tx.select({ id: trackingEvents.id }).from(trackingEvents).where(and(eq(trackingEvents.reason, reason), unresolved))
    .orderBy(trackingEvents.id).limit(MOST_AT_ONCE).for('update')
  return rows.map(({ id }) => id)
}

async function countOf (tx: Queryable, reason: string): Promise<number> {
  return await tx.$count(trackingEvents, and(eq(trackingEvents.reason, reason), unresolved))
}
