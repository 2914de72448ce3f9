import { setTimeout as delay } from 'node:timers/promises'
import { Affitor } from '@affitor/sdk/server'
import pg from 'pg'
import type Stripe from 'stripe'
import { listen, receiveWebhooks, server, variable } from './receiver.js'

/**
 * What most receivers with a table of jobs do: begin, insert the event, insert its job, commit, for each request by
 * itself; and once a second look for jobs.
 */
const POLL_MS = 1_000
/** Most jobs in work at once; 0: they are left alone. */
const atOnce = Number(variable('JOBS_AT_ONCE'))
const affitor = new Affitor({ apiKey: variable('AFFITOR_API_KEY'), apiUrl: variable('AFFITOR_API_URL') })
const pool = new pg.Pool({ connectionString: variable('DATABASE_URL'), max: Number(variable('DATABASE_POOL_SIZE')) })
await pool.query(`
  create table if not exists events (id text primary key, type text not null, payload text not null, received_at timestamptz not null default now());
  create table if not exists jobs (id bigint generated always as identity primary key, event_id text not null, payload text not null, done_at timestamptz);
  create index if not exists jobs_open on jobs (id) where done_at is null`)

const app = server()
await receiveWebhooks(app, async (event, payload) => {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rowCount } = await client.query('insert into events (id, type, payload) values ($1, $2, $3) on conflict do nothing', [event.id, event.type, payload])
    if (rowCount === 1) await client.query('insert into jobs (event_id, payload) values ($1, $2)', [event.id, payload])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
})
await listen(app)
if (atOnce > 0) {
  for (;;) {
    if (await work() === 0) await delay(POLL_MS)
  }
}

/** Does the jobs that are open, so many at once. @returns how many there were */
async function work (): Promise<number> {
  const { rows } = await pool.query<{ id: string, payload: string }>('select id, payload from jobs where done_at is null order by id limit 1000')
  const open = rows.values()
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const { id, payload } of open) {
      const { data: { object: session } } = JSON.parse(payload) as Stripe.CheckoutSessionCompletedEvent
      await affitor.trackSale({ customerExternalId: session.client_reference_id ?? undefined, amount: session.amount_total ?? 0, invoiceId: session.id })
      await pool.query('update jobs set done_at = now() where id = $1', [id])
    }
  }))
  return rows.length
}
