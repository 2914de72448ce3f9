import { withClient } from '../helpers/postgres-server.js'
import { query } from '../helpers/sql.js'

/** The rows of each table, by its name with the schema: as JSON, as PostgreSQL makes it of them. */
export type Rows = Record<string, Array<Record<string, unknown>>>

interface Table {
  name: string
  /** Those that may be inserted. */
  columns: string[]
  times: string[]
}

/** What belongs to the processes and the migrations of the moment. */
const PASSING = ['affitor.workers', 'affitor.migrations', 'affitor_service.migrations']

/** The tables, those that others refer to first. */
async function tablesOf (connectionString: string): Promise<Table[]> {
  const tables = await query<Table & { isReferred: boolean }>(connectionString, `
    select relnamespace::regnamespace::text || '.' || relname as name,
      exists (select from pg_constraint where contype = 'f' and confrelid = pg_class.oid) as "isReferred",
      array(select attname::text from pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
      array(select attname::text from pg_attribute
        where attrelid = pg_class.oid and attnum > 0 and not attisdropped and atttypid = 'timestamptz'::regtype) as times
    from pg_class where relkind = 'r' and relnamespace in ('affitor'::regnamespace, 'affitor_service'::regnamespace)
    order by 2 desc, 1`)
  return tables.filter(({ name }) => !PASSING.includes(name))
}

export async function readRows (connectionString: string): Promise<Rows> {
  const rows: Rows = {}
  for (const { name } of await tablesOf(connectionString)) {
    const [found] = await query<{ rows: Array<Record<string, unknown>> }>(connectionString, `select coalesce(jsonb_agg(t order by t::text), '[]') as rows from ${name} t`)
    rows[name] = found?.rows ?? []
  }
  return rows
}

/**
 * Puts rows into the tables that they are from, and nothing else.
 * @param takenAt when they were read: their times are moved as far as that is past, so that nothing has become late
 */
export async function writeRows (connectionString: string, rows: Rows, takenAt: string): Promise<void> {
  const tables = await tablesOf(connectionString)
  await withClient(connectionString, async client => {
    for (const { name, columns, times } of tables) {
      await client.query(`alter table ${name} disable trigger user`)
      await client.query(`insert into ${name} (${columns.join(', ')}) overriding system value
        select ${columns.join(', ')} from jsonb_populate_recordset(null::${name}, $1)`, [JSON.stringify(rows[name] ?? [])])
      if (times.length > 0) {
        await client.query(`update ${name} set ${times.map(time => `${time} = ${time} + (now() - $1::timestamptz)`).join(', ')}`, [takenAt])
      }
      await client.query(`alter table ${name} enable trigger user`)
    }
    // What comes next has the ids after these.
    await client.query(`
      do $$ declare column_of record; begin
        for column_of in select attrelid::regclass::text as table, attname as name from pg_attribute
          where attidentity <> '' and attrelid in (select oid from pg_class where relnamespace = 'affitor'::regnamespace and relkind = 'r')
        loop
          execute format('select setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 0) + 1, false) from %s', column_of.table, column_of.name, column_of.name, column_of.table);
        end loop;
      end $$`)
  })
}

/** Everything that migrations make: two databases with the same are one schema, however they came to it. */
export async function schemaOf (connectionString: string): Promise<Array<Record<string, unknown>>> {
  return await query(connectionString, `
    with ours as (select oid from pg_namespace where nspname in ('affitor', 'affitor_service'))
    select 'column' as what, attrelid::regclass::text || '.' || attname as name,
      concat_ws(' ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end, attidentity, attgenerated, attcollation::regcollation,
        pg_get_expr(adbin, adrelid)) as is
      from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid in (select oid from pg_class where relkind in ('r', 'p', 'v') and relnamespace in (table ours)) and attnum > 0 and not attisdropped
    union all select 'storage', oid::regclass::text, array_to_string(reloptions, ' ')
      from pg_class where relkind in ('r', 'p') and relnamespace in (table ours)
    union all select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
      from pg_index where indrelid in (select oid from pg_class where relnamespace in (table ours))
    union all select 'constraint', conrelid::regclass::text || ' ' || conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace in (table ours)
    union all select 'trigger', tgrelid::regclass::text || ' ' || tgname, pg_get_triggerdef(oid)
      from pg_trigger where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace in (table ours))
    union all select 'function', oid::regprocedure::text, pg_get_functiondef(oid)
      from pg_proc where pronamespace in (table ours)
    order by 1, 2`)
}
