import { sql } from 'drizzle-orm'
import type { DeliveryReport, Period, TrackingFunnel } from '../../schemas/reports.js'
import type { TrackingKind } from '../../schemas/tracking.js'
import type { Queryable } from '../db/pool.js'
import { checkoutsSince, factsSince } from './tallies.js'

/** Each period in seconds, and the length of the buckets that it is cut into. */
const periods: Record<Period, { seconds: number, bucketSeconds: number }> = {
  '1h': { seconds: 3_600, bucketSeconds: 60 },
  '24h': { seconds: 86_400, bucketSeconds: 900 },
  '7d': { seconds: 604_800, bucketSeconds: 7_200 },
  '30d': { seconds: 2_592_000, bucketSeconds: 28_800 }
}

/**
 * What came of visitors in the period, by when each thing happened.
 * @param commissionPercent what partners earn of a sale; undefined when it is not known
 */
export async function readFunnel (db: Queryable, period: Period, commissionPercent: number | undefined): Promise<TrackingFunnel> {
  // From a whole minute on, so that the report of a quiet minute stays the same.
  const since = sql`date_bin('1 minute', ${sinceOf(period)}, 'epoch')`
  const [{ rows: [counts] }, { rows }] = await Promise.all([
    db.execute<{ since: string, checkouts: number }>(sql`
      select ${isoTime(since)} as since, coalesce(sum(count), 0)::int as checkouts from (${checkoutsSince(since)}) checkout`),
    db.execute<Alike>(sql`
      select kind, currency, sum(count)::int as count,
        coalesce(sum(count) filter (where referred), 0)::int as referred,
        coalesce(sum(count) filter (where state = 'delivered'), 0)::int as delivered,
        coalesce(sum(count * cents::numeric), 0)::float8 as cents,
        -- Rounded for each fact, as Affitor does.
        coalesce(sum(count * round(cents * ${commissionPercent ?? null}::numeric / 100)) filter (where state = 'delivered'), 0)::float8 as commission
      from (${factsSince(since)}) fact
      group by kind, currency`)
  ])
  const leads = rows.find(({ kind }) => kind === 'lead')
  const currencies = [...new Set(rows.flatMap(({ currency }) => currency ?? []))].map(currency => {
    const [sales, refunds] = (['sale', 'refund'] as const).map(kind => rows.find(row => row.kind === kind && row.currency === currency))
    return {
      currency,
      sales: sales?.count ?? 0,
      attributedSales: sales?.delivered ?? 0,
      revenueCents: sales?.cents ?? 0,
      refundedCents: refunds?.cents ?? 0,
      commissionCents: commissionPercent === undefined ? null : (sales?.commission ?? 0) - (refunds?.commission ?? 0)
    }
  }).sort((a, b) => b.sales - a.sales || (a.currency < b.currency ? -1 : 1))
  return {
    period,
    since: counts?.since ?? '',
    leads: leads?.count ?? 0,
    referredLeads: leads?.referred ?? 0,
    checkouts: counts?.checkouts ?? 0,
    sales: currencies.reduce((sum, { sales }) => sum + sales, 0),
    currencies
  }
}

/** Facts of one kind and currency; null: leads, and what does not count. */
interface Alike extends Record<string, unknown> {
  kind: TrackingKind
  currency: string | null
  count: number
  referred: number
  delivered: number
  cents: number
  commission: number
}

/** Calls to Affitor over the period, in buckets of equal length. */
export async function readDeliveries (db: Queryable, period: Period): Promise<DeliveryReport> {
  const { bucketSeconds } = periods[period]
  const length = sql`make_interval(secs => ${bucketSeconds})`
  // Buckets begin at round times, so that a bar keeps its calls while time goes on.
  const { rows } = await db.execute<{ at: string, answered: number, failed: number }>(sql`
    with calls as (
      select date_bin(${length}, finished_at, 'epoch') as bucket,
        (status between 200 and 299 or status in (400, 404, 409)) as answered
      from affitor.delivery_attempts where finished_at >= date_bin(${length}, ${sinceOf(period)}, 'epoch')
    )
    select ${isoTime(sql`bucket`)} as at,
      count(*) filter (where answered)::int as answered,
      count(*) filter (where not answered)::int as failed
    from generate_series(date_bin(${length}, ${sinceOf(period)}, 'epoch'), now(), ${length}) bucket
    left join calls using (bucket)
    group by bucket order by bucket`)
  return { period, since: rows[0]?.at ?? '', bucketSeconds, buckets: rows }
}

function sinceOf (period: Period) {
  return sql`(now() - make_interval(secs => ${periods[period].seconds}))`
}

function isoTime (time: ReturnType<typeof sql>) {
  return sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
