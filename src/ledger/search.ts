import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { FoundCustomer } from '../../schemas/operator.js'
import type { Queryable } from '../db/pool.js'

export type Match = Pick<FoundCustomer, 'customerKey' | 'matched'>

export interface Matches {
  /** The closest first, each customer once. */
  matches: Match[]
  /** Whether there are more. */
  truncated: boolean
}

/** What of a customer something may be, the closest first; each query goes by an index of its own. */
function ways (text: string): Array<[FoundCustomer['matched'], SQL]> {
  const email = text.toLowerCase()
  return [
    ['customer_key', sql`
      (select customer_key from affitor.tracking_events where customer_key = ${text} limit 1) union all
      (select customer_key from affitor.stripe_events where customer_key = ${text} limit 1)`],
    ['email', sql`select customer_key from affitor.tracking_events where kind = 'lead' and payload ? 'email' and lower(payload->>'email') = ${email}`],
    ['transaction', sql`select customer_key from affitor.tracking_events where kind in ('lead', 'sale', 'refund') and transaction_id = ${text}`],
    ['stripe_object', sql`
      select customer_key from affitor.customer_references where reference = ${text} union all
      select sale.customer_key from affitor.sale_references reference
      join affitor.tracking_events sale on sale.kind = 'sale' and sale.transaction_id = reference.sale_transaction_id where reference.reference = ${text} union all
      select customer_key from affitor.checkout_sessions where id = ${text}`],
    ['stripe_event', sql`select customer_key from affitor.stripe_events where id = ${text} and customer_key is not null`],
    ['click_id', sql`select customer_key from affitor.tracking_events where payload ? 'clickId' and payload->>'clickId' = ${text}`],
    ['customer_key_prefix', sql`select distinct customer_key from affitor.tracking_events where customer_key like ${beginning(text)}`],
    ['email_prefix', sql`
      select customer_key from affitor.tracking_events where kind = 'lead' and payload ? 'email' and lower(payload->>'email') like ${beginning(email)}`]
  ]
}

/**
 * The customers that something belongs to: an e-mail in any case, a customer key, the beginning of either, an id of Stripe's,
 * a transaction or a click.
 * @param text without spaces around it
 */
export async function search (db: Queryable, text: string, most: number): Promise<Matches> {
  // One more of each than is shown tells whether there are more.
  const parts = ways(text.trim()).map(([matched, query], closeness) =>
    sql`(select ${closeness}::int as closeness, ${matched} as matched, found.customer_key from (${query}) found limit ${most + 1})`)
  const { rows } = await db.execute<{ customer_key: string, matched: Match['matched'] }>(sql`
    select customer_key, (array_agg(matched order by closeness))[1] as matched
    from (${sql.join(parts, sql` union all `)}) found
    group by customer_key order by min(closeness), customer_key limit ${most + 1}`)
  const matches = rows.map(row => ({ customerKey: row.customer_key, matched: row.matched }))
  return { matches: matches.slice(0, most), truncated: matches.length > most }
}

/** Pattern of the texts that begin with this one. */
function beginning (text: string): string {
  return `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
}

/** What customers are, in the order of the matches. */
export async function describeCustomers (db: Queryable, matches: Match[]): Promise<FoundCustomer[]> {
  if (matches.length === 0) return []
  const keys = matches.map(({ customerKey }) => customerKey)
  const { rows } = await db.execute<Omit<FoundCustomer, 'matched'> & { first: Date, last: Date }>(sql`
    select wanted.customer_key as "customerKey", facts.*, coalesce(sales.sales, '[]') as sales
    from unnest(${sql.param(keys)}::text[]) wanted (customer_key)
    cross join lateral (
      select
        max(payload->>'email') filter (where kind = 'lead') as email,
        coalesce(max(payload->>'clickId') filter (where kind = 'lead'), max(payload->>'clickId')) as "clickId",
        coalesce(min(occurred_at), (select min(created) from affitor.stripe_events where customer_key = wanted.customer_key), now()) as first,
        coalesce(max(occurred_at), (select max(created) from affitor.stripe_events where customer_key = wanted.customer_key), now()) as last,
        (count(*) filter (where state = 'needs_attention' and resolved_at is null))::int as "needsAttention"
      from affitor.tracking_events where customer_key = wanted.customer_key
    ) facts
    left join lateral (
      select jsonb_agg(jsonb_build_object('currency', currency, 'count', count, 'amountCents', amount, 'refundedCents', refunded) order by amount desc) as sales
      from (
        select sale.payload->>'currency' as currency, count(*)::int as count, sum((sale.payload->>'amountCents')::numeric) as amount,
          coalesce(sum((
            select sum((refund.payload->>'amountCents')::numeric) from affitor.tracking_events refund
            where refund.kind = 'refund' and refund.sale_transaction_id = sale.transaction_id and not affitor.came_back(refund.reason))), 0) as refunded
        from affitor.tracking_events sale
        where sale.customer_key = wanted.customer_key and sale.kind = 'sale' and sale.reason is distinct from 'twin_of_session' and sale.payload ? 'currency'
        group by 1
      ) by_currency
    ) sales on true`)
  const known = new Map(rows.map(({ first, last, ...row }) => [row.customerKey, { ...row, firstSeenAt: iso(first), lastSeenAt: iso(last) }]))
  return matches.flatMap(({ customerKey, matched }) => {
    const customer = known.get(customerKey)
    return customer === undefined ? [] : [{ ...customer, matched }]
  })
}

const iso = (time: Date | string): string => new Date(time).toISOString()
