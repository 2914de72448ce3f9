import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import t from 'tap'
import * as ledger from '../../src/db/tables.js'
import * as service from '../../src/service/users/table.js'
import { createTestDatabase } from '../helpers/database.js'
import { query } from '../helpers/sql.js'

const tables = [...Object.values(ledger), ...Object.values(service)].filter(table => is(table, PgTable)).map(table => getTableConfig(table))

t.test('the tables that queries know are those that the migrations make', async t => {
  const { connectionString } = await createTestDatabase(t)
  for (const table of tables) {
    const name = `${table.schema}.${table.name}`
    const columns = await query(connectionString, `
      select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as "notNull", atthasdef or attidentity <> '' as "hasDefault"
      from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by 1`, [name])
    t.same(columns, table.columns.map(column => ({
      name: column.name, type: column.getSQLType(), notNull: column.notNull, hasDefault: column.hasDefault || column.generatedIdentity !== undefined
    })).sort((a, b) => a.name < b.name ? -1 : 1), name)

    const keys = await query(connectionString, `
      select contype as type, array(select attname::text from unnest(conkey) with ordinality as key (attnum, n)
        join pg_attribute using (attnum) where attrelid = conrelid order by n) as columns
      from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u') order by 1, 2`, [name])
    t.same(keys, [
      ...table.primaryKeys.map(key => ({ type: 'p', columns: key.columns.map(column => column.name) })),
      ...table.columns.filter(column => column.primary).map(column => ({ type: 'p', columns: [column.name] })),
      ...table.uniqueConstraints.map(key => ({ type: 'u', columns: key.columns.map(column => column.name) }))
    ], `${name}: keys`)
  }
})

t.test('every table and function says what it is for', async t => {
  const { connectionString } = await createTestDatabase(t)
  t.same(await query(connectionString, `
    select oid::regclass::text as name from pg_class
    where relnamespace in ('affitor'::regnamespace, 'affitor_service'::regnamespace) and relkind = 'r'
      and relname <> 'migrations' and obj_description(oid, 'pg_class') is null
    union all select oid::regprocedure::text from pg_proc where pronamespace = 'affitor'::regnamespace and obj_description(oid, 'pg_proc') is null`), [])
})
