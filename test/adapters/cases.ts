import { setTimeout } from 'node:timers/promises'
import Stripe from 'stripe'
import t from 'tap'
import type { Test } from 'tap'
import { startStandIns } from '../../sandbox/testing.js'
import type { SqlExecutor } from '../../src/database.js'
import { createAffitor } from '../../src/engine.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { withClient } from '../helpers/postgres-server.js'
import { query } from '../helpers/sql.js'

/** An app's own database library. */
export interface Host {
  /** Commits what `work` did, through the adapter and with the library's own means, or takes all of it back when it throws. */
  transaction (work: (db: SqlExecutor, addUser: (id: string) => Promise<unknown>) => Promise<void>): Promise<void>
  /** Whether this is how the library itself tells of an error of the database. @param code SQLSTATE */
  isOwnError (error: unknown, code: string): boolean
  close (): Promise<unknown>
}

/** A host, and the database in which it has a table `host_users` and a table `facts`. */
interface Setting { host: Host, connectionString: string }

/** What each adapter must do. */
const cases: Record<string, (t: Test, setting: Setting) => Promise<void>> = {
  'commits with the host\'s own writes, and is not seen before': async (t, { host, connectionString }) => {
    await host.transaction(async (db, addUser) => {
      await addUser('committed')
      await db.query('insert into facts (id, user_id) values ($1::text, $2::text)', ['fact-1', 'committed'])
      t.same(await query(connectionString, 'select id from facts union all select id from host_users'), [])
    })
    t.same(await query(connectionString, 'select f.id from facts f join host_users u on u.id = f.user_id'), [{ id: 'fact-1' }])
  },

  'is taken back with the host\'s own writes': async (t, { host, connectionString }) => {
    const failure = new Error('the app changed its mind')
    await t.rejects(host.transaction(async (db, addUser) => {
      await addUser('undone')
      const { rows } = await db.query('insert into facts (id, user_id) values ($1::text, $2::text) returning id', ['fact-2', 'undone'])
      t.same(rows, [{ id: 'fact-2' }])
      throw failure
    }), failure)
    t.same(await query(connectionString, "select id from facts where id = 'fact-2' union all select id from host_users where id = 'undone'"), [])
  },

  'takes values of every kind as they are': async (t, { host }) => {
    const text = 'O\'Brien said: "$1, ?, ??, \\?, :name, %s" -- Grüße 👋\n'
    const json = JSON.stringify({ note: text, amounts: [1, 2.5], none: null })
    const statement = `select json_build_object(
      'text', $1::text, 'empty', $2::text, 'integer', $3::integer, 'bigint', $4::bigint, 'decimal', $5::numeric,
      'yes', $6::boolean, 'no', $7::boolean, 'json', $8::jsonb,
      'nulls', json_build_array($9::text, $10::integer, $11::boolean, $12::timestamptz, $13::jsonb),
      'at', ($14::timestamptz at time zone 'UTC')::text, 'undefined', $15::text, 'padded', $16::text)::text as answer`
    const values = [text, '', -3, 2 ** 53 - 1, 0.1, true, false, json, null, null, null, null, null, new Date('2026-03-29T01:30:00.123Z'), undefined, ' 007 ']
    await host.transaction(async db => {
      // Not the time zone of the process, and not UTC.
      await db.query("set local time zone 'America/St_Johns'", [])
      const { rows } = await db.query(statement, values) as { rows: Array<{ answer: string }> }
      t.equal(rows.length, 1)
      t.same(JSON.parse(rows[0]?.answer ?? ''), {
        text,
        empty: '',
        integer: -3,
        bigint: 2 ** 53 - 1,
        decimal: 0.1,
        yes: true,
        no: false,
        json: JSON.parse(json),
        nulls: [null, null, null, null, null],
        at: '2026-03-29 01:30:00.123',
        undefined: null,
        padded: ' 007 '
      })
    })
  },

  'takes parameters in any order, and more than once': async (t, { host }) => {
    await host.transaction(async db => {
      const { rows } = await db.query('select $3::text as third, $1::text || $2::text || $1::text as joined, $2::text as second', ['a', 'b', 'c'])
      t.same(rows, [{ third: 'c', joined: 'aba', second: 'b' }])
    })
  },

  'leaves question marks in the statement alone': async (t, { host }) => {
    await host.transaction(async db => {
      const { rows } = await db.query(`select $1::jsonb ? $2::text as has, $1::jsonb ?| array[$3::text] as "any?", $1::jsonb ?& array['a', 'b'] as "all",
        'really?? :b' as literal`, ['{"a":1,"b":2}', 'a', 'c'])
      t.same(rows, [{ has: true, 'any?': false, all: true, literal: 'really?? :b' }])
      t.same((await db.query("select '{\"a\":1}'::jsonb ? 'a' as bare", [])).rows, [{ bare: true }], 'without a parameter')
    })
  },

  'calls functions with named arguments, and keeps the names of columns': async (t, { host }) => {
    await host.transaction(async db => {
      const { rows } = await db.query('select * from store_fact(customer_key => $1::text, amount_cents => $2::bigint)', ['user-1', 1999]) as
        { rows: Array<{ fact_id: unknown, of_customer: string, created: boolean }> }
      const [fact] = rows
      t.same({ ...fact, fact_id: Number(fact?.fact_id) }, { fact_id: 1999, of_customer: 'user-1', created: true })
    })
  },

  'gives no rows when there are none': async (t, { host }) => {
    await host.transaction(async db => {
      t.same((await db.query('select id from facts where id = $1::text', ['nobody'])).rows, [])
      t.same((await db.query('update facts set id = $1::text where false', ['nobody'])).rows, [])
    })
  },

  'gives all rows, in their order': async (t, { host }) => {
    await host.transaction(async db => {
      t.same((await db.query('select n::int as n from generate_series(1, $1::int) n order by n desc', [3])).rows, [{ n: 3 }, { n: 2 }, { n: 1 }])
    })
  },

  'tells a lead before the payment that arrives while its transaction is open, and none that is taken back': async (t, { host, connectionString }) => {
    const { affitor: affitorStandIn, stripe: stripeStandIn, close } = await startStandIns()
    const stripe = new Stripe(stripeStandIn.secretKey, stripeStandIn.config)
    const affitor = createAffitor({ database: connectionString, stripe, livemode: false, affitor: affitorStandIn.options })
    t.teardown(async () => {
      await affitor.close()
      await close()
    })
    affitor.workers.start()
    await host.transaction(async (db, addUser) => {
      await addUser('buyer')
      t.match(await affitor.trackLead({ customerExternalId: 'buyer', email: 'buyer@example.com', clickId: await affitorStandIn.click() }, { db }), { id: Number, state: 'pending', created: true })
      t.match(await affitor.trackLead({ customerExternalId: 'buyer' }, { db }), { created: false })
      const session = await stripe.checkout.sessions.create({
        mode: 'payment', line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }], success_url: 'https://app.example', client_reference_id: 'buyer'
      })
      await stripeStandIn.pay(session.id)
      for (const event of stripeStandIn.events()) await affitor.receiveStripeEvent(event)
      await setTimeout(300)
      t.same(affitorStandIn.calls().map(({ endpoint }) => endpoint), ['click'], 'nothing is told before the commit')
    })
    await t.rejects(host.transaction(async db => {
      await affitor.trackLead({ customerExternalId: 'undone', clickId: await affitorStandIn.click() }, { db })
      throw new Error('the app changed its mind')
    }))
    await eventually('both are told', () => affitorStandIn.sales().length === 1)
    t.same(affitorStandIn.calls().map(({ endpoint }) => endpoint), ['click', 'click', 'lead', 'sale'])
    t.match(affitorStandIn.leads(), [{ customerKey: 'buyer' }])
    t.equal(await affitor.customerStory('undone'), undefined)
  },

  'passes the database\'s errors on as the library tells of them': async (t, { host, connectionString }) => {
    const raised = host.transaction(async (db, addUser) => {
      await addUser('refused')
      await db.query('select * from store_fact(customer_key => $1::text, amount_cents => $2::bigint)', ['user-1', -1])
    })
    const error: unknown = await raised.then(() => undefined, (error: unknown) => error)
    t.ok(host.isOwnError(error, 'AF001'), String(error))
    t.same(await query(connectionString, "select id from host_users where id = 'refused'"), [])
    await host.transaction(async db => { t.same((await db.query('select 1::int as one', [])).rows, [{ one: 1 }], 'it works afterwards') })
  }
}

/** Runs all cases. @param open the host with its library, on a database that has the tables `host_users` and `facts` */
export function testAdapter (name: string, open: (connectionString: string) => Host | Promise<Host>): void {
  t.test(name, async t => {
    const { connectionString } = await createTestDatabase(t)
    await withClient(connectionString, async client => await client.query(`
      create table public.host_users (id text primary key);
      create table public.facts (id text primary key, user_id text references public.host_users);
      create function public.store_fact (customer_key text, amount_cents bigint)
      returns table (fact_id bigint, of_customer text, created boolean) language plpgsql as $$
      begin
        if amount_cents < 0 then raise exception 'an amount below 0' using errcode = 'AF001'; end if;
        return query select $2, $1, true;
      end $$`))
    const host = await open(connectionString)
    t.teardown(async () => await host.close())
    for (const [title, run] of Object.entries(cases)) await t.test(title, async t => await run(t, { host, connectionString }))
  })
}
