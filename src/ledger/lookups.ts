import { and, asc, desc, eq, inArray, like, ne } from 'drizzle-orm'
import type { RefundPayload, SalePayload, TrackingState } from '../../schemas/tracking.js'
import { customerReferences, saleReferences, trackingEvents } from '../db/tables.js'
import type { Queryable } from '../db/pool.js'

export interface SaleRecord {
  transactionId: string
  customerKey: string
  payload: SalePayload
  state: TrackingState
}

export interface KnownCustomer { customerKey: string, clickId?: string }

/** What the interpretation of a Stripe event may ask of the ledger. */
export interface LedgerLookups {
  /** The sale with this transaction id. */
  sale (transactionId: string): Promise<SaleRecord | undefined>
  /** The transaction id of the sale that one of these Stripe objects belongs to. */
  saleReferredBy (references: string[]): Promise<string | undefined>
  /** Whether a sale of this subscription, other than the one named, is in the ledger. */
  hasOtherSale (subscriptionId: string, transactionId: string): Promise<boolean>
  /** The customer that one of these Stripe objects belongs to, the first named first. */
  customerReferredBy (references: string[]): Promise<KnownCustomer | undefined>
  /** The refunds of a sale, in order. */
  refundsOf (saleTransactionId: string): Promise<Array<{ transactionId: string, payload: RefundPayload }>>
}

export function ledgerLookups (db: Queryable): LedgerLookups {
  return {
    async sale (transactionId) {
      const [row] = await db.select({
        transactionId: trackingEvents.transactionId,
        customerKey: trackingEvents.customerKey,
        payload: trackingEvents.payload,
        state: trackingEvents.state
      }).from(trackingEvents).where(and(eq(trackingEvents.kind, 'sale'), eq(trackingEvents.transactionId, transactionId)))
      return row as SaleRecord | undefined
    },

    async saleReferredBy (references) {
      if (references.length === 0) return undefined
      const [row] = await db.select({ id: saleReferences.saleTransactionId }).from(saleReferences)
        .where(inArray(saleReferences.reference, references)).limit(1)
      return row?.id
    },

    async hasOtherSale (subscriptionId, transactionId) {
      const [row] = await db.select({ id: saleReferences.saleTransactionId }).from(saleReferences)
        .innerJoin(trackingEvents, and(
          eq(trackingEvents.transactionId, saleReferences.saleTransactionId), eq(trackingEvents.kind, 'sale')))
        .where(and(eq(saleReferences.reference, subscriptionId), ne(saleReferences.saleTransactionId, transactionId)))
        .limit(1)
      return row !== undefined
    },

    async customerReferredBy (references) {
      if (references.length === 0) return undefined
      const rows = await db.select().from(customerReferences).where(inArray(customerReferences.reference, references))
      const row = references.map(reference => rows.find(candidate => candidate.reference === reference)).find(found => found !== undefined)
      return row && { customerKey: row.customerKey, ...(row.clickId === null ? {} : { clickId: row.clickId }) }
    },

    async refundsOf (saleTransactionId) {
      const rows = await db.select({ transactionId: trackingEvents.transactionId, payload: trackingEvents.payload })
        .from(trackingEvents)
        .where(and(eq(trackingEvents.kind, 'refund'), eq(trackingEvents.saleTransactionId, saleTransactionId)))
        .orderBy(asc(trackingEvents.id))
      return rows as Array<{ transactionId: string, payload: RefundPayload }>
    }
  }
}

/** The Stripe customer that this customer paid as last, in the given Stripe mode. */
export async function findStripeCustomer (db: Queryable, customerKey: string, livemode: boolean): Promise<string | undefined> {
  const [row] = await db.select({ reference: customerReferences.reference }).from(customerReferences)
    .where(and(
      eq(customerReferences.customerKey, customerKey),
      eq(customerReferences.livemode, livemode),
      like(customerReferences.reference, 'cus\\_%')))
    .orderBy(desc(customerReferences.createdAt)).limit(1)
  return row?.reference
}
