import { getTableName, is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import { SANDBOX_MARK } from '../config.js'
import * as ledger from '../../db/tables.js'
import * as service from '../users/table.js'

/** What lies in a database that does not say what it is for. */
export interface Holdings {
  /** Tables and views of other programs, with their schema. */
  foreign: string[]
  /** It has users, Stripe events or facts of ours. */
  used: boolean
  /** Somebody bought there what only the sandbox sells. */
  sandbox: boolean
  /** Stripe modes of what was counted there. */
  livemodes: boolean[]
}

// What an extension brought is nobody's data.
const RELATIONS = `
  select n.nspname as schema, c.relname as name, n.nspname = current_schema() as near
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f', 'v', 'm') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1, 2`

const JOURNAL = 'drizzle.__drizzle_migrations'
const OURS = new Set<string>([...Object.values(ledger), ...Object.values(service)].filter(table => is(table, PgTable)).map(table => getTableName(table)))

/** Looks only at what the first migration made, and at what is there: no migration has run when this is asked. */
export async function lookInto (client: pg.Client): Promise<Holdings> {
  const { rows } = await client.query<{ schema: string, name: string, near: boolean }>(RELATIONS)
  const near = new Set(rows.filter(row => row.near).map(row => row.name))
  // Many programs have a table of users, and the journal of the same migrator.
  const isOurs = near.has('tracking_events')
  const foreign = rows.map(row => ({ ...row, path: `${row.schema}.${row.name}` }))
    .filter(({ near, name, path }) => !isOurs || !(near ? OURS.has(name) : path === JOURNAL)).map(({ path }) => path)
  if (!isOurs) return { foreign, used: false, sandbox: false, livemodes: [] }

  const has = async (query: string, values: unknown[] = []): Promise<boolean> =>
    (await client.query<{ found: boolean }>(`select exists (${query}) as found`, values)).rows[0]?.found === true
  const livemodes: boolean[] = []
  for (const livemode of [true, false]) {
    const counted = await has('select from customer_references where livemode = $1', [livemode]) ||
      await has("select from stripe_events where state = 'interpreted' and livemode = $1", [livemode])
    if (counted) livemodes.push(livemode)
  }
  return {
    foreign,
    used: await has('select from users') || await has('select from tracking_events') || await has('select from stripe_events'),
    // Stripe's own ids of prices have no second underscore.
    sandbox: near.has('checkout_sessions') && await has('select from checkout_sessions where starts_with(price_id, $1)', [`price_${SANDBOX_MARK}_`]),
    livemodes
  }
}
