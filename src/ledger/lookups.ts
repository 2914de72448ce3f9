import { and, desc, eq, like, sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { RefundPayload, SalePayload } from '../../schemas/tracking.js'
import { batched } from './batched.js'
import { column } from '../db/column.js'
import { customerReferences, trackingEvents } from '../db/tables.js'
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

/**
 * What is asked within the same turn of the event loop shares a statement. Each answer is a subquery's: the planner, when
 * it knows little of the tables, begins a join with all of them.
 */
export function ledgerLookups (db: Queryable): LedgerLookups {
  /** @param found a subquery for one question, which is the row `asked` */
  const lookup = <Question, Answer>(columns: (questions: Question[]) => SQL, names: SQL, found: SQL) => batched<Question, Answer | null>(async questions => {
    const { rows } = await db.execute<{ found: Answer | null }>(sql`
      select (${found}) as found from unnest(${columns(questions)}) with ordinality as asked (${names}, position) order by position`)
    return rows.map(row => row.found)
  })
  const texts = (keys: string[]) => sql`${sql.param(keys)}::text[]`

  const saleOf = lookup<string, SaleRecord>(texts, sql`key`, sql`
    select json_build_object('transactionId', transaction_id, 'customerKey', customer_key, 'payload', payload, 'reason', reason)
    from affitor.tracking_events where kind = 'sale' and transaction_id = asked.key`)

  // A payment intent may be known by its invoice, and the invoice by its Checkout Session.
  const saleReferredBy = lookup<string, string>(texts, sql`key`, sql`
    select to_json(coalesce((
      select next.sale_transaction_id from affitor.sale_references next
      where next.reference = sale_references.sale_transaction_id and next.sale_transaction_id <> next.reference limit 1
    ), sale_references.sale_transaction_id))
    from affitor.sale_references where sale_references.reference = asked.key limit 1`)

  const hasEarlierSale = lookup<{ subscriptionId: string, time: Date, transactionId: string }, true>(
    questions => sql`
      ${column(questions, ({ subscriptionId }) => subscriptionId)}::text[], ${column(questions, ({ time }) => time.toISOString())}::timestamptz[],
      ${column(questions, ({ transactionId }) => transactionId)}::text[]`,
    sql`subscription, time, transaction`,
    sql`
      select true from affitor.sale_references
      where reference = asked.subscription and sale_transaction_id <> asked.transaction and (
        select occurred_at from affitor.tracking_events where kind = 'sale' and transaction_id = sale_references.sale_transaction_id) <= asked.time
      limit 1`)

  const hasLead = lookup<string, true>(texts, sql`key`, sql`
    select true from affitor.tracking_events where kind = 'lead' and transaction_id = asked.key`)

  const customerReferredBy = lookup<{ reference: string, time: Date }, string>(
    questions => sql`${column(questions, ({ reference }) => reference)}::text[], ${column(questions, ({ time }) => time.toISOString())}::timestamptz[]`,
    sql`reference, time`,
    sql`select customer_key from affitor.customer_references where reference = asked.reference and since <= asked.time`)

  const refundsOf = lookup<string, RefundRecord[]>(texts, sql`key`, sql`
    select coalesce(json_agg(json_build_object('transactionId', transaction_id, 'payload', payload) order by id), '[]')
    from affitor.tracking_events
    where kind = 'refund' and sale_transaction_id = asked.key and (reason is null or reason <> all (${sql.param(cameBack)}::text[]))`)

  return {
    sale: async transactionId => await saleOf(transactionId) ?? undefined,
    saleReferredBy: async references => firstOf(await Promise.all(references.map(saleReferredBy))),
    hasEarlierSale: async (subscriptionId, time, transactionId) => await hasEarlierSale({ subscriptionId, time, transactionId }) ?? false,
    hasLead: async customerKey => await hasLead(customerKey) ?? false,
    async customerReferredBy (references, time) {
      const customerKey = firstOf(await Promise.all(references.map(reference => customerReferredBy({ reference, time }))))
      // Not with its click: which one is known depends on what arrived first, and Affitor knows the customer's own.
      return customerKey === undefined ? undefined : { customerKey }
    },
    refundsOf: async saleTransactionId => await refundsOf(saleTransactionId) ?? []
  }
}

function firstOf<T> (found: Array<T | null>): T | undefined {
  return found.find(each => each !== null) ?? undefined
}

/** The click that the customer's lead tells; undefined when none is known. */
export async function clickOfLead (db: Queryable, customerKey: string): Promise<string | undefined> {
  const [row] = await db.select({ clickId: sql<string | null>`${trackingEvents.payload}->>'clickId'` }).from(trackingEvents)
    .where(and(eq(trackingEvents.kind, 'lead'), eq(trackingEvents.transactionId, customerKey)))
  return row?.clickId ?? undefined
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
