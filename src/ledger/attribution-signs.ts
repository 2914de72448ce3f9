import { sql } from 'drizzle-orm'
import type { Database } from '../db/pool.js'

/** What the newest facts show of how the shop is wired. Counts are of the newest 10,000 facts and 10,000 Stripe events. */
export interface AttributionSigns {
  /** The newest signups, at most 100, and how many of them came with a click. */
  leads: { count: number, withClick: number }
  /** The newest customers who paid, at most 100. */
  buyers: {
    count: number
    /** Who has no lead under the key of their sale. */
    withoutLead: number
    /** Of those: whose key is a Stripe customer's id, or an e-mail address. */
    byStripeCustomer: number
    byEmail: number
  }
  /** First invoices of new subscriptions in 30 days, and how many of them told nobody who paid. */
  subscriptions: { count: number, withoutCustomer: number }
  /** Payments of subscriptions after the first. */
  renewals: number
  /** Monthly subscriptions that began 35 to 65 days ago: one of them at least should have been renewed. */
  dueForRenewal: number
}

const NEWEST = 10_000
const SAMPLE = 100

/** Reads them in a bounded time, however much is stored. */
export async function readAttributionSigns (db: Database): Promise<AttributionSigns> {
  const { rows: [row] } = await db.execute<Row>(sql`
    with newest as materialized (
      select id, kind, customer_key, payload, created_at from affitor.tracking_events order by id desc limit ${NEWEST}
    ), leads as (
      select payload ? 'clickId' as has_click from newest where kind = 'lead' order by id desc limit ${SAMPLE}
    ), buyers as (
      select customer_key, max(id) as last_id from newest where kind = 'sale' group by customer_key order by last_id desc limit ${SAMPLE}
    ), strangers as (
      select customer_key from buyers where not exists (
        select from affitor.tracking_events lead where lead.customer_key = buyers.customer_key and lead.kind = 'lead')
    ), first_invoices as (
      select reason from (
        select type, reason, payload, created from affitor.stripe_events where state in ('interpreted', 'ignored', 'parked')
        order by seq desc limit ${NEWEST}
      ) stored
      where type in ('invoice.paid', 'invoice.payment_succeeded') and created > now() - interval '30 days'
        -- Not read as JSON, which some of what can be signed is refused as.
        and payload ~ '"billing_reason":\\s*"subscription_create"'
    )
    select
      (select count(*)::int from leads) as leads,
      (select count(*)::int from leads where has_click) as "leadsWithClick",
      (select count(*)::int from buyers) as buyers,
      (select count(*)::int from strangers) as strangers,
      (select count(*)::int from strangers where customer_key ~ '^cus_') as "byStripeCustomer",
      (select count(*)::int from strangers where customer_key ~ '^[^@\\s]+@[^@\\s]+$') as "byEmail",
      (select count(*)::int from first_invoices) as "firstInvoices",
      (select count(*)::int from first_invoices where reason = 'no_customer') as "withoutCustomer",
      (select count(*)::int from newest where kind = 'sale' and (payload->>'isRecurring')::boolean) as renewals,
      (select count(*)::int from (
        select from affitor.tracking_events
        where occurred_at between now() - interval '65 days' and now() - interval '35 days'
          and kind = 'sale' and payload->>'subscriptionInterval' = 'monthly' and not coalesce((payload->>'isRecurring')::boolean, false)
        limit ${SAMPLE}
      ) old) as "dueForRenewal"`)
  if (row === undefined) throw new Error('No answer')
  return {
    leads: { count: row.leads, withClick: row.leadsWithClick },
    buyers: { count: row.buyers, withoutLead: row.strangers, byStripeCustomer: row.byStripeCustomer, byEmail: row.byEmail },
    subscriptions: { count: row.firstInvoices, withoutCustomer: row.withoutCustomer },
    renewals: row.renewals,
    dueForRenewal: row.dueForRenewal
  }
}

interface Row extends Record<string, unknown> {
  leads: number
  leadsWithClick: number
  buyers: number
  strangers: number
  byStripeCustomer: number
  byEmail: number
  firstInvoices: number
  withoutCustomer: number
  renewals: number
  dueForRenewal: number
}
