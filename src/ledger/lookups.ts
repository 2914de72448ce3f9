import { and, asc, desc, eq, inArray, isNull, like, lte, ne, notInArray, or, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { RefundPayload, SalePayload } from '../../schemas/tracking.js'
import { customerReferences, saleReferences, trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'
import { cameBack } from './reasons.js'
import type { Reason } from './reasons.js'

export interface SaleRecord {
  transactionId: string
  customerKey: string
  payload: SalePayload
  reason: Reason | null
}

export interface RefundRecord { transactionId: string, payload: RefundPayload }

export interface KnownCustomer { customerKey: string, clickId?: string }

/** What the interpretation of a Stripe event may ask of the ledger. */
export interface LedgerLookups {
  /** The sale with this transaction id. */
  sale (transactionId: string): Promise<SaleRecord | undefined>
  /** The transaction id of the sale that one of these Stripe objects belongs to. */
  saleReferredBy (references: string[]): Promise<string | undefined>
  /** Whether the ledger holds a sale of this subscription, other than the one named, that is not later than `time`. */
  hasEarlierSale (subscriptionId: string, time: Date, transactionId: string): Promise<boolean>
  /** Whether the ledger holds a lead of this customer. */
  hasLead (customerKey: string): Promise<boolean>
  /** The customer that one of these Stripe objects belonged to at `time`, the first named first. */
  customerReferredBy (references: string[], time: Date): Promise<KnownCustomer | undefined>
  /** The refunds and lost disputes of a sale, without those that failed, in order. */
  refundsOf (saleTransactionId: string): Promise<RefundRecord[]>
}

/** One row leads to the next by a subquery: the planner, when it knows little of the tables, begins a join with all of them. */
export function ledgerLookups (db: Queryable): LedgerLookups {
  return {
    async sale (transactionId) {
      const [row] = await db.select({
        transactionId: trackingEvents.transactionId,
        customerKey: trackingEvents.customerKey,
        payload: trackingEvents.payload,
        reason: trackingEvents.reason
      }).from(trackingEvents).where(and(eq(trackingEvents.kind, 'sale'), eq(trackingEvents.transactionId, transactionId)))
      return row as SaleRecord | undefined
    },

    async saleReferredBy (references) {
      if (references.length === 0) return undefined
      // A payment intent may be known by its invoice, and the invoice by its Checkout Session.
      const next = alias(saleReferences, 'next')
      const session = db.select({ id: next.saleTransactionId }).from(next)
        .where(and(eq(next.reference, saleReferences.saleTransactionId), ne(next.saleTransactionId, next.reference))).limit(1)
      const [row] = await db.select({ id: sql<string>`coalesce(${session}, ${saleReferences.saleTransactionId})` })
        .from(saleReferences).where(inArray(saleReferences.reference, references)).limit(1)
      return row?.id
    },

    async hasEarlierSale (subscriptionId, time, transactionId) {
      const occurredAt = db.select({ time: trackingEvents.occurredAt }).from(trackingEvents)
        .where(and(eq(trackingEvents.kind, 'sale'), eq(trackingEvents.transactionId, saleReferences.saleTransactionId)))
      const [row] = await db.select({ id: saleReferences.saleTransactionId }).from(saleReferences)
        .where(and(
          eq(saleReferences.reference, subscriptionId),
          ne(saleReferences.saleTransactionId, transactionId),
          lte(sql`${occurredAt}`, time)))
        .limit(1)
      return row !== undefined
    },

    async hasLead (customerKey) {
      const [row] = await db.select({ id: trackingEvents.id }).from(trackingEvents)
        .where(and(eq(trackingEvents.kind, 'lead'), eq(trackingEvents.transactionId, customerKey)))
      return row !== undefined
    },

    async customerReferredBy (references, time) {
      if (references.length === 0) return undefined
      const rows = await db.select().from(customerReferences)
        .where(and(inArray(customerReferences.reference, references), lte(customerReferences.since, time)))
      const row = references.map(reference => rows.find(candidate => candidate.reference === reference)).find(found => found !== undefined)
      // Not with its click: which one is known depends on what arrived first, and Affitor knows the customer's own.
      return row && { customerKey: row.customerKey }
    },

    async refundsOf (saleTransactionId) {
      const rows = await db.select({ transactionId: trackingEvents.transactionId, payload: trackingEvents.payload })
        .from(trackingEvents)
        .where(and(
          eq(trackingEvents.kind, 'refund'),
          eq(trackingEvents.saleTransactionId, saleTransactionId),
          or(isNull(trackingEvents.reason), notInArray(trackingEvents.reason, cameBack))))
        .orderBy(asc(trackingEvents.id))
      return rows as RefundRecord[]
    }
  }
}

/**
 * The Stripe customer that this customer paid as last, in the given Stripe mode. Only one that a Checkout Session of
 * ours made the bond with: whoever checks out as it sees its name, address and cards.
 */
export async function findStripeCustomer (db: Queryable, customerKey: string, livemode: boolean): Promise<string | undefined> {
  const [row] = await db.select({ reference: customerReferences.reference }).from(customerReferences)
    .where(and(
      eq(customerReferences.customerKey, customerKey),
      eq(customerReferences.livemode, livemode),
      eq(customerReferences.reusable, true),
      like(customerReferences.reference, 'cus\\_%')))
    .orderBy(desc(customerReferences.since)).limit(1)
  return row?.reference
}
