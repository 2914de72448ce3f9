import { sql } from 'drizzle-orm'
import type { DeliveryReport, Period, TrackingFunnel } from '../../schemas/reports.js'
import type { Queryable } from '../db/pool.js'
import { cameBack } from './reasons.js'
import type { Reason } from './reasons.js'

/** Each period in seconds, and the length of the buckets that it is cut into. */
const periods: Record<Period, { seconds: number, bucketSeconds: number }> = {
  '1h': { seconds: 3_600, bucketSeconds: 60 },
  '24h': { seconds: 86_400, bucketSeconds: 900 },
  '7d': { seconds: 604_800, bucketSeconds: 7_200 },
  '30d': { seconds: 2_592_000, bucketSeconds: 28_800 }
}

/** A sale counts once, as its session or as its invoice; what Affitor records itself is a sale all the same. */
const countsAsSale = sql`(state <> 'skipped' or reason = ${'recorded_by_connect' satisfies Reason})`

/**
 * What came of visitors in the period, by when each thing happened.
 * @param commissionPercent what partners earn of a sale; undefined when it is not known
 */
export async function readFunnel (db: Queryable, period: Period, commissionPercent: number | undefined): Promise<TrackingFunnel> {
  const since = sinceOf(period)
  const { rows: [counts] } = await db.execute<{ since: string, leads: number, referred: number, checkouts: number }>(sql`
    select ${isoTime(since)} as since,
      count(*)::int as leads,
      count(*) filter (where payload ? 'clickId')::int as referred,
      (select count(*)::int from checkout_sessions where created_at >= ${since}) as checkouts
    from tracking_events where kind = 'lead' and occurred_at >= ${since}`)
  const currencies = await readCurrencies(db, since, commissionPercent)
  return {
    period,
    since: counts?.since ?? '',
    leads: counts?.leads ?? 0,
    referredLeads: counts?.referred ?? 0,
    checkouts: counts?.checkouts ?? 0,
    sales: currencies.reduce((sum, { sales }) => sum + sales, 0),
    currencies
  }
}

async function readCurrencies (db: Queryable, since: ReturnType<typeof sql>, commissionPercent: number | undefined): Promise<TrackingFunnel['currencies']> {
  const share = sql`coalesce(round((payload->>'amountCents')::numeric * ${commissionPercent ?? null}::numeric / 100), 0)`
  const { rows } = await db.execute<Omit<TrackingFunnel['currencies'][number], 'commissionCents'> & { commission: number }>(sql`
    with movements as (
      select payload->>'currency' as currency, 1 as sales, (state = 'delivered')::int as attributed,
        (payload->>'amountCents')::numeric as paid, 0 as refunded,
        case when state = 'delivered' then ${share} else 0 end as commission
      from tracking_events
      where kind = 'sale' and occurred_at >= ${since} and payload->>'v' = '1' and ${countsAsSale}
      union all
      select (
          select sale.payload->>'currency' from tracking_events sale
          where sale.kind = 'sale' and sale.transaction_id = refund.sale_transaction_id
        ), 0, 0, 0, (payload->>'amountCents')::numeric,
        case when state = 'delivered' then -${share} else 0 end
      from tracking_events refund
      where kind = 'refund' and occurred_at >= ${since} and payload->>'v' = '1'
        and (reason is null or reason not in (${sql.join(cameBack.map(reason => sql`${reason}`), sql`, `)}))
    )
    select currency, sum(sales)::int as sales, sum(attributed)::int as "attributedSales", sum(paid)::float8 as "revenueCents",
      sum(refunded)::float8 as "refundedCents", sum(commission)::float8 as commission
    from movements where currency is not null
    group by currency order by sum(sales) desc, currency`)
  return rows.map(({ commission, ...row }) => ({ ...row, commissionCents: commissionPercent === undefined ? null : commission }))
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
      from delivery_attempts where finished_at >= date_bin(${length}, ${sinceOf(period)}, 'epoch')
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
