import { asc, desc, eq, inArray } from 'drizzle-orm'
import { checkoutSessions, customerReferences, deliveryAttempts, operatorActions, stripeEvents, trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import type { CheckoutSessionRow } from './checkout-sessions.js'
import type { ActionRow } from './operator-actions.js'
import { stripeEventColumns } from './stripe-events.js'
import type { StripeEventRow } from './stripe-events.js'
import { trackingEventColumns } from './tracking-events.js'
import type { TrackingEventRow } from './tracking-events.js'

/** A customer with more than this is shown from the newest back. */
const MOST_ROWS = 1_000

export type AttemptRow = typeof deliveryAttempts.$inferSelect

export interface StoryRows {
  /** Stripe customers and subscriptions that are known to be theirs. */
  stripeReferences: string[]
  trackingEvents: TrackingEventRow[]
  attempts: AttemptRow[]
  checkouts: CheckoutSessionRow[]
  stripeEvents: StripeEventRow[]
  /** What people did about the customer. */
  actions: ActionRow[]
}

/** Everything the ledger knows of a customer; undefined when it knows nothing. */
export async function findCustomerStory (db: Queryable, customerKey: string): Promise<StoryRows | undefined> {
  const facts = await db.select(trackingEventColumns).from(trackingEvents)
    .where(eq(trackingEvents.customerKey, customerKey)).orderBy(desc(trackingEvents.id)).limit(MOST_ROWS)
  const events = await db.select(stripeEventColumns).from(stripeEvents)
    .where(eq(stripeEvents.customerKey, customerKey)).orderBy(desc(stripeEvents.createdAt)).limit(MOST_ROWS)
  if (facts.length === 0 && events.length === 0) return undefined
  const references = await db.select({ reference: customerReferences.reference }).from(customerReferences)
    .where(eq(customerReferences.customerKey, customerKey)).orderBy(asc(customerReferences.since))
  const attempts = facts.length === 0
    ? []
    : await db.select().from(deliveryAttempts)
      .where(inArray(deliveryAttempts.trackingEventId, facts.map(fact => fact.id)))
      .orderBy(desc(deliveryAttempts.id)).limit(MOST_ROWS)
  const checkouts = await db.select().from(checkoutSessions)
    .where(eq(checkoutSessions.customerKey, customerKey)).orderBy(desc(checkoutSessions.createdAt)).limit(MOST_ROWS)
  const actions = await db.select().from(operatorActions)
    .where(eq(operatorActions.customerKey, customerKey)).orderBy(desc(operatorActions.id)).limit(MOST_ROWS)
  return { stripeReferences: references.map(({ reference }) => reference), trackingEvents: facts, attempts, checkouts, stripeEvents: events, actions }
}
