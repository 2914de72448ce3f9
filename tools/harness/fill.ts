import { event } from '../../sandbox/stripe/objects/index.js'
import type { OpenedDatabase } from './databases.js'
import { paidSession } from './stripe-objects.js'

const PAYLOAD = JSON.stringify(event('checkout.session.completed', paidSession({ userId: 'user_1', affitorClickId: 'cust_42_1714000000000' })), null, 2)

const SALE = JSON.stringify({ v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false, clickId: 'cust_42_1714000000000' })
const REFUND = JSON.stringify({ v: 1, amountCents: 4900, currency: 'USD', full: true, refundReason: 'requested_by_customer' })

/** What is filled. */
export type Fillable = Pick<OpenedDatabase, 'query'>

/** Adds sales that are due, each of another customer. @returns their transaction ids */
export async function fillPending (database: Fillable, count: number): Promise<string[]> {
  const rows = await database.query<{ id: string }>(`
    insert into tracking_events (kind, transaction_id, customer_key, payload, source)
    select 'sale', 'cs_pending_' || n, 'pending_' || n, $2::jsonb, 'evt_pending_' || n from generate_series(1, $1::int) n
    returning transaction_id as id`, [count, SALE])
  await database.query('analyze tracking_events')
  return rows.map(({ id }) => id)
}

/** When the nth of a table's rows was made: evenly over the last 90 days, the latest one now. */
const made = (n: string) => `now() - (1 - ${n}::float8 / $1) * interval '90 days'`

/**
 * Years of a shop: so many users; settled tracking events of half of them (a lead each, and a sale or of 1 in 50 a
 * refund), 1 in 10 not delivered, with an attempt each; Checkout Sessions; read Stripe events of real size; and what is
 * known of Stripe's objects: each sale's payment and subscription, each customer's own.
 */
export async function fillSettled (database: Fillable, count: number): Promise<void> {
  await database.query(`
    insert into users (id, email, password_hash, affitor_click_id, created_at)
    select 'user_' || n, 'user_' || n || '@example.com', $2, 'cust_42_' || n, ${made('n')} from generate_series(1, $1::int) n`,
  [count, `$argon2id$v=19$m=19456,t=2,p=1$${'x'.repeat(22)}$${'x'.repeat(43)}`])
  await database.query(`
    insert into tracking_events (kind, transaction_id, sale_transaction_id, customer_key, payload, source, occurred_at, state, attempts, next_attempt_at, last_status, response, created_at, settled_at)
    select kind, case kind when 'lead' then '' when 'sale' then 'cs_test_' else 're_' end || customer, case kind when 'refund' then 'cs_test_user_' || (n + 3) / 2 end, customer,
      case kind when 'lead' then jsonb_build_object('v', 1, 'clickId', 'cust_42_' || n, 'email', customer || '@example.com') when 'sale' then $2::jsonb else $3::jsonb end, case kind when 'lead' then 'signup' else 'evt_' || n end, ${made('n')},
      case when n % 1000 = 7 then 'needs_attention' when n % 10 = 7 then 'unattributed' else 'delivered' end, 1, null, 200, '{"success":true}', ${made('n')}, ${made('n')}
    from generate_series(1, $1::int) n,
      lateral (select case when n % 2 = 0 then 'lead' when n % 100 = 1 then 'refund' else 'sale' end as kind, 'user_' || (n + 1) / 2 as customer) event`,
  [count, SALE, REFUND])
  await database.query(`
    insert into delivery_attempts (tracking_event_id, attempt, status, duration_ms, finished_at)
    select id, 1, 200, 50, settled_at from tracking_events where settled_at is not null`)
  await database.query(`
    insert into checkout_sessions (id, customer_key, price_id, mode, quantity, created_at)
    select 'cs_test_user_' || n, 'user_' || n, 'price_1', 'payment', 1, ${made('2 * n')} from generate_series(1, $1::int / 2) n`, [count])
  await database.query(`
    insert into stripe_events (id, type, livemode, created, payload, received_at, state, customer_key, attempts, next_attempt_at)
    select 'evt_' || n, 'checkout.session.completed', false, ${made('n')}, $2 || n, ${made('n')}, 'interpreted', 'user_' || n, 1, null
    from generate_series(1, $1::int) n`, [count, PAYLOAD])
  await database.query(`
    insert into sale_references (reference, sale_transaction_id)
    select prefix || customer_key, transaction_id from tracking_events, unnest('{pi_,sub_}'::text[]) prefix where kind = 'sale' and settled_at is not null`)
  await database.query(`
    insert into customer_references (reference, customer_key, livemode, since)
    select prefix || id, id, false, created_at from users, unnest('{cus_,sub_}'::text[]) prefix`)
}

/** What autovacuum would have done in the meantime. */
export async function tidy (database: Fillable): Promise<void> {
  await database.query('vacuum analyze')
}
