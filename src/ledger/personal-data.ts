import { and, eq, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { Database, Queryable, Transaction } from '../db/pool.js'
import { column } from '../db/column.js'
import { forgottenCustomers, operatorActions, stripeEvents, trackingEvents } from '../db/tables.js'
import { mentionsOf, stripeEventsMentioning } from './mentions.js'
import { redactStripeEvent } from './redact-stripe-event.js'

/** How many rows had something that was removed. */
export interface RemovedPersonalData {
  facts: number
  deliveryAttempts: number
  stripeEvents: number
  notes: number
}

export type PersonalDataDeletion =
  | { removed: RemovedPersonalData }
  /** Facts that are not settled, and Stripe events that are not read: they would reach Affitor without their click. */
  | { pendingFacts: number, unreadStripeEvents: number }

/** Stripe events of one statement. */
const BATCH = 200

/**
 * Removes what tells who a customer is, and remembers the key: what still comes of the customer is kept without it too.
 * Amounts, times and ids stay, so that nothing is counted twice.
 * @param also what else is to be removed in the same transaction
 * @returns undefined when nothing is known of the customer
 */
export async function deletePersonalData (
  db: Database, customerKey: string, also: (tx: Transaction) => Promise<void>
): Promise<PersonalDataDeletion | undefined> {
  if (!await isKnown(db, customerKey)) return undefined
  const mentions = await mentionsOf(db, customerKey)
  const waiting = await waitingOf(db, customerKey, mentions.patterns)
  if (waiting !== undefined) return waiting
  const unowned = await stripeEventsMentioning(db, mentions.patterns)

  const deletion = await db.transaction(async tx => {
    await tx.execute(sql`select from affitor.lock_customers(array[${customerKey}]::text[])`)
    const waiting = await waitingOf(tx, customerKey, mentions.patterns)
    if (waiting !== undefined) return waiting
    await tx.insert(forgottenCustomers).values({ customerKey }).onConflictDoNothing()
    const facts = await countChanged(tx, sql`
      update affitor.tracking_events set payload = affitor.without_personal_data(payload), response = null, last_error = null
      where customer_key = ${customerKey} and (payload <> affitor.without_personal_data(payload) or response is not null or last_error is not null)`)
    const deliveryAttempts = await countChanged(tx, sql`
      update affitor.delivery_attempts set error = null
      where error is not null and tracking_event_id = any (array(select id from affitor.tracking_events where customer_key = ${customerKey}))`)
    const owned = await tx.select({ id: stripeEvents.id }).from(stripeEvents).where(eq(stripeEvents.customerKey, customerKey))
    const events = [...new Set([...owned.map(({ id }) => id), ...unowned.ids])]
    const redacted = await redactAll(tx, events, customerKey)
    const notes = await countChanged(tx, sql`
      update affitor.operator_actions set note = null
      where note is not null and (customer_key = ${customerKey} or stripe_event_id = any (${sql.param(events)}::text[]))`)
    await also(tx)
    await tx.insert(operatorActions).values({ customerKey, action: 'delete_personal_data' })
    return { removed: { facts, deliveryAttempts, stripeEvents: redacted, notes } }
  })
  if (!('removed' in deletion)) return deletion
  // What came while the inbox was searched, and was read before the customer was known to be forgotten.
  const { ids } = await stripeEventsMentioning(db, mentions.patterns, unowned.upTo)
  deletion.removed.stripeEvents += await db.transaction(tx => redactAll(tx, ids, customerKey))
  return deletion
}

/** A Stripe event that was just read. */
export interface ReadStripeEvent {
  id: string
  customerKey: string | undefined
  /** The Stripe objects that it is about. */
  objects: string[]
}

/** Redacts those of these events that are of customers who were forgotten: also those that became no fact of theirs. */
export async function redactOfForgotten (tx: Transaction, events: ReadStripeEvent[]): Promise<void> {
  const { rows } = await tx.execute<{ id: string, customer_key: string }>(sql`
    select distinct on (event.id) event.id, forgotten.customer_key
    from unnest(
      ${column(events, ({ id }) => id)}::text[], ${column(events, ({ customerKey }) => customerKey)}::text[],
      ${column(events, ({ objects }) => JSON.stringify(objects))}::jsonb[]
    ) as event (id, customer_key, objects), lateral (
      select event.customer_key
      union all
      select customer_key from affitor.customer_references where reference = any (array(select jsonb_array_elements_text(event.objects)))
      union all
      select customer_key from affitor.tracking_events where kind = 'sale' and transaction_id = any (array(
        select sale_transaction_id from affitor.sale_references where reference = any (array(select jsonb_array_elements_text(event.objects)))))
    ) as owner join affitor.forgotten_customers forgotten using (customer_key)
    -- Mostly nobody was forgotten, and nothing else is looked for.
    where exists (select from affitor.forgotten_customers)`)
  for (const { id, customer_key: customerKey } of rows) await redactAll(tx, [id], customerKey)
}

/** @returns how many of them had something personal */
async function redactAll (tx: Transaction, ids: string[], customerKey: string): Promise<number> {
  let redacted = 0
  for (let from = 0; from < ids.length; from += BATCH) {
    const { rows } = await tx.execute<{ id: string, payload: string, last_error: string | null }>(sql`
      select id, payload, last_error from affitor.stripe_events where id = any (${sql.param(ids.slice(from, from + BATCH))}::text[]) order by id for update`)
    const changed = rows.map(row => ({ ...row, redacted: redactStripeEvent(row.payload, customerKey) }))
      .filter(row => row.redacted !== row.payload || row.last_error !== null)
    if (changed.length === 0) continue
    redacted += await countChanged(tx, sql`
      update affitor.stripe_events event set payload = changed.payload, last_error = null
      from unnest(${column(changed, ({ id }) => id)}::text[], ${column(changed, row => row.redacted)}::text[]) as changed (id, payload)
      where event.id = changed.id`)
  }
  return redacted
}

/** Whether there is anything of this customer, be it that it was forgotten. */
export async function isKnown (db: Queryable, customerKey: string): Promise<boolean> {
  const { rows } = await db.execute<{ known: boolean }>(sql`
    select exists (select from affitor.tracking_events where customer_key = ${customerKey})
      or exists (select from affitor.stripe_events where customer_key = ${customerKey})
      or exists (select from affitor.checkout_sessions where customer_key = ${customerKey})
      or exists (select from affitor.customer_references where customer_key = ${customerKey})
      or exists (select from affitor.forgotten_customers where customer_key = ${customerKey}) as known`)
  return rows[0]?.known === true
}

/** What must come to its end first; undefined when nothing must. */
async function waitingOf (db: Queryable, customerKey: string, patterns: string[]): Promise<PersonalDataDeletion | undefined> {
  const pending = await db.$count(trackingEvents, and(eq(trackingEvents.customerKey, customerKey), eq(trackingEvents.state, 'pending')))
  const { rows } = await db.execute<{ unread: number }>(sql`
    select count(*)::int as unread from affitor.stripe_events
    where state in ('received', 'parked') and (customer_key = ${customerKey} or payload ~* any (${sql.param(patterns)}::text[]))`)
  const unread = rows[0]?.unread ?? 0
  return pending + unread > 0 ? { pendingFacts: pending, unreadStripeEvents: unread } : undefined
}

async function countChanged (tx: Transaction, statement: SQL): Promise<number> {
  return (await tx.execute(statement)).rowCount ?? 0
}
