import { asc, eq, inArray, or } from 'drizzle-orm'
import { checkoutSessions, customerReferences, deliveryAttempts, forgottenCustomers, operatorActions, saleReferences, stripeEvents, trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import { mentionsOf, stripeEventsMentioning } from './mentions.js'
import { isKnown } from './personal-data.js'
import { stripeEventColumns } from './stripe-events.js'
import { trackingEventColumns } from './tracking-events.js'

/** Every row that is stored of a customer, oldest first; undefined when nothing is known. */
export async function findCustomerRows (db: Queryable, customerKey: string) {
  if (!await isKnown(db, customerKey)) return undefined
  const { ids: mentioning } = await stripeEventsMentioning(db, (await mentionsOf(db, customerKey)).patterns)
  const [forgotten] = await db.select().from(forgottenCustomers).where(eq(forgottenCustomers.customerKey, customerKey))
  const facts = await db.select(trackingEventColumns).from(trackingEvents).where(eq(trackingEvents.customerKey, customerKey)).orderBy(asc(trackingEvents.id))
  const sales = facts.filter(({ kind }) => kind === 'sale').map(({ transactionId }) => transactionId)
  return {
    forgottenAt: forgotten?.forgottenAt,
    facts,
    attempts: await db.select().from(deliveryAttempts).where(inArray(deliveryAttempts.trackingEventId, facts.map(({ id }) => id))).orderBy(asc(deliveryAttempts.id)),
    stripeEvents: await db.select({ ...stripeEventColumns, payload: stripeEvents.payload }).from(stripeEvents)
      .where(or(eq(stripeEvents.customerKey, customerKey), inArray(stripeEvents.id, mentioning))).orderBy(asc(stripeEvents.createdAt), asc(stripeEvents.seq)),
    checkouts: await db.select().from(checkoutSessions).where(eq(checkoutSessions.customerKey, customerKey)).orderBy(asc(checkoutSessions.createdAt)),
    stripeReferences: await db.select().from(customerReferences).where(eq(customerReferences.customerKey, customerKey)).orderBy(asc(customerReferences.since)),
    saleReferences: await db.select().from(saleReferences).where(inArray(saleReferences.saleTransactionId, sales)).orderBy(asc(saleReferences.reference)),
    operatorActions: await db.select().from(operatorActions).where(eq(operatorActions.customerKey, customerKey)).orderBy(asc(operatorActions.id))
  }
}
