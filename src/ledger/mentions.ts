import { sql } from 'drizzle-orm'
import type { Queryable } from '../db/pool.js'

/** Events of one statement. */
const BATCH = 1_000
/** Alternatives of one pattern: PostgreSQL has a limit to how large one becomes. */
const MOST_ALTERNATIVES = 100

/**
 * Patterns that find a customer in the JSON of Stripe events: the key where events have it, the e-mail of the lead, the
 * Stripe customers and subscriptions, and the payments.
 */
export async function mentionsOf (db: Queryable, customerKey: string): Promise<{ patterns: string[] }> {
  const { rows } = await db.execute<{ mention: string, is_email: boolean }>(sql`
    select distinct payload->>'email' as mention, true as is_email from affitor.tracking_events
    where customer_key = ${customerKey} and payload->>'email' <> ''
    union all
    select reference, false from affitor.customer_references where customer_key = ${customerKey}
    union all
    select id, false from affitor.checkout_sessions where customer_key = ${customerKey}
    union all
    select reference, false from affitor.sale_references where reference like 'pi\\_%' and sale_transaction_id = any (array(
      select transaction_id from affitor.tracking_events where customer_key = ${customerKey} and kind = 'sale'))`)
  const alternatives = [
    ...inJson(customerKey).map(key => `"(affitor_customer_key|client_reference_id)"\\s*:\\s*"${key}"`),
    // An address may stand within a text, and be the end of another's.
    ...rows.flatMap(({ mention, is_email: isEmail }) => inJson(mention).map(text =>
      isEmail ? `([^\\w.+-]|\\\\[bfnrt]|\\\\u[0-9a-f]{4})${text}(?![.-]?\\w)` : `"${text}"`))
  ]
  const patterns = []
  for (let from = 0; from < alternatives.length; from += MOST_ALTERNATIVES) patterns.push(alternatives.slice(from, from + MOST_ALTERNATIVES).join('|'))
  return { patterns }
}

/** A pattern of each way in which a JSON text can have it: letters beyond ASCII may be escaped. */
function inJson (text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  // eslint-disable-next-line no-control-regex
  const escaped = json.replaceAll(/[^\u0000-\u007f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return [...new Set([json, escaped])].map(variant => variant.replaceAll(/[^\w\s\u0080-\uffff]/g, '\\$&'))
}

/**
 * Ids of the events that were read, that no customer is known of, and that have one of these mentions. All of the inbox is
 * searched, some at a time.
 * @param after the `seq` after which it is searched
 * @returns `upTo`: the `seq` of the last that was searched
 */
export async function stripeEventsMentioning (db: Queryable, patterns: string[], after = 0): Promise<{ ids: string[], upTo: number }> {
  const ids: string[] = []
  for (let upTo = after; ;) {
    const { rows: [found] } = await db.execute<{ up_to: number | null, ids: string[] | null }>(sql`
      select max(seq)::float8 as up_to,
        array_agg(id) filter (where customer_key is null and state not in ('received', 'parked') and payload ~* any (${sql.param(patterns)}::text[])) as ids
      from (select id, seq, customer_key, state, payload from affitor.stripe_events where seq > ${upTo} order by seq limit ${BATCH}) as batch`)
    if (typeof found?.up_to !== 'number') return { ids, upTo }
    ids.push(...found.ids ?? [])
    upTo = found.up_to
  }
}
