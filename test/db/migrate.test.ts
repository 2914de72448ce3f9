import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { checkMigrations, ledgerMigrations, migrate, migrationSql, pendingMigrations } from '../../src/db/migrate.js'
import { keepPurpose } from '../../src/ledger/installation.js'
import { createTestDatabase, createTestRole, emptyDatabase } from '../helpers/database.js'
import { openLedger } from '../helpers/ledger.js'
import { withClient } from '../helpers/postgres-server.js'
import { query } from '../helpers/sql.js'

const files = readdirSync(join(import.meta.dirname, '../../migrations/affitor'))
const applied = 'select name from affitor.migrations order by name'
const allApplied = files.sort().map(name => ({ name }))

t.test('several processes that migrate an empty database at once apply each migration once', async t => {
  const connectionString = await emptyDatabase(t)
  await Promise.all(Array.from({ length: 6 }, () => migrate(connectionString)))
  const ledger = await openLedger(t, connectionString)
  t.same(await ledger.query(applied), allApplied)
  t.equal((await ledger.add({})).length, 1)
  await migrate(connectionString)
  t.equal((await ledger.rows()).length, 1, 'a database that is up to date is left alone')
})

t.test('a process that is killed while it migrates leaves nothing half done, and the lock free', async t => {
  const connectionString = await emptyDatabase(t)
  await withClient(connectionString, async blocker => {
    // One of the first migration's tables waits for this one of the same name.
    await blocker.query('create schema affitor; begin; create table affitor.arrivals ()')
    const failed = t.rejects(migrate(connectionString), 'its connection ends')
    await withClient(connectionString, async killer => {
      for (;;) {
        const { rowCount } = await killer.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'fastify-affitor migrate' and wait_event_type = 'Lock'")
        if (rowCount !== 0) break
      }
    })
    await failed
    await blocker.query('rollback')
    t.same((await blocker.query("select tablename from pg_tables where schemaname = 'affitor'")).rows, [])
  })
  await migrate(connectionString)
  await withClient(connectionString, async client => {
    t.same((await client.query(applied)).rows, allApplied)
  })
})

t.test('a database that cannot be used is named in a sentence, without its password', async t => {
  const { connectionString, name } = await createTestDatabase(t)
  const elsewhere = (change: (url: URL) => void) => {
    const url = new URL(connectionString)
    url.password = 'a-secret-password'
    change(url)
    return migrate(url.href)
  }
  await t.rejects(elsewhere(url => { url.port = '1' }), { message: `The database ${name} at 127.0.0.1:1 cannot be used: nothing listens there.` })
  await t.rejects(elsewhere(url => { url.hostname = 'no-such-host.invalid' }), { message: /^The database \w+ at no-such-host\.invalid:\d+ cannot be used: there is no host of this name\.$/ })
  await t.rejects(elsewhere(() => {}), { message: /cannot be used: password authentication failed for user "\w+"\.$/ })
  await t.rejects(migrate('postgres://user:a-secret-password@[nowhere/x'), { message: /^The address of the database cannot be read: [^/]+\.$/ })
})

function readOnly (connectionString: string): string {
  const url = new URL(connectionString)
  url.searchParams.set('options', '-c default_transaction_read_only=on')
  return url.href
}

const waysOut = { elsewhere: 'Elsewhere.', changeProgram: () => 'Change.' }
const checks = () => keepPurpose({ mode: 'live', affitorProgramId: '42', stripeLivemode: true }, waysOut)

t.test('a pool and an open connection are migrated too, and given back', async t => {
  const connectionString = await emptyDatabase(t)
  const pool = new pg.Pool({ connectionString, max: 1 })
  t.same(await pendingMigrations(pool), files.sort())
  await migrate(pool, checks())
  await withClient(connectionString, client => migrate(client, checks()))
  t.same(await pendingMigrations(pool), [])
  await checkMigrations(pool)
  t.match((await pool.query('select affitor_program_id from affitor.installation')).rows, [{ affitor_program_id: '42' }])
  t.equal(pool.idleCount, 1)
  await pool.end()
})

t.test('what would be applied, printed, does the same', async t => {
  const connectionString = await emptyDatabase(t)
  const text = await migrationSql(connectionString)
  t.match(text, /^begin;/)
  await query(connectionString, text)
  t.same(await query(connectionString, applied), allApplied)
  await checkMigrations(connectionString)
  t.equal(await migrationSql(connectionString), '', 'nothing is left')
  await t.rejects(query(connectionString, text), 'twice is refused, whole')
})

t.test('a schema that is behind, ahead or changed is told in a sentence', async t => {
  const connectionString = await emptyDatabase(t)
  await t.rejects(checkMigrations(connectionString), {
    message: `The schema affitor is behind: ${files.join(', ')} is not applied. Run \`npx fastify-affitor migrate\`, or let the app do it (migrate: true).`
  })
  await migrate(connectionString)
  await query(connectionString, "insert into affitor.migrations (name, checksum) values ('9999_later.sql', '')")
  await t.rejects(checkMigrations(connectionString), { message: /^The schema affitor is newer than this program: it has 9999_later\.sql\. / })
  await migrate(connectionString)
  await query(connectionString, "delete from affitor.migrations where name = '9999_later.sql'; update affitor.migrations set checksum = 'other'")
  for (const work of [migrate, checkMigrations]) {
    await t.rejects(work(connectionString), { message: /^The migration 0001_ledger\.sql of the schema affitor was changed after it was applied to the database \S+ at \S+\. Restore the file/ })
  }
})

t.test('a later file is applied on top, in order of name; one that fails leaves nothing', async t => {
  const connectionString = await emptyDatabase(t)
  const project = join(import.meta.dirname, '../..')
  mkdirSync(join(project, '.tap'), { recursive: true })
  const folder = mkdtempSync(join(project, '.tap', 'migrations-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const set = { schema: 'later', folder: relative(project, folder), remedy: '' }
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  write('0001_a.sql', 'create table later.a (id int);')
  await migrate(connectionString, undefined, set)
  write('0003_c.sql', 'insert into later.a values (1); select nonsense;')
  write('0002_b.sql', 'alter table later.a add column b int;')
  await t.rejects(migrate(connectionString, undefined, set), { message: /nonsense/ })
  t.same(await pendingMigrations(connectionString, set), ['0003_c.sql'])
  t.same(await query(connectionString, 'select * from later.a'), [])
  write('0003_c.sql', 'insert into later.a values (1);\r\n')
  await migrate(connectionString, undefined, set)
  write('0003_c.sql', 'insert into later.a values (1);\n')
  await checkMigrations(connectionString, set)
  t.same(await query(connectionString, 'select * from later.a'), [{ id: 1, b: null }])
})

t.test('a schema affitor of somebody else is left alone', async t => {
  for (const made of ['create table affitor.partners (id int)', "create function affitor.f () returns int language sql as 'select 1'", 'create table affitor.migrations (id int)']) {
    const connectionString = await emptyDatabase(t)
    await query(connectionString, `create schema affitor; ${made}`)
    await t.rejects(migrate(connectionString), { message: /^The database \S+ at \S+ has a schema affitor that is not of this program: it has no journal affitor\.migrations\. Nothing was changed\./ }, made)
    t.same((await query(connectionString, "select relname from pg_class where relnamespace = 'affitor'::regnamespace")).length, made.includes('table') ? 1 : 0)
  }
  const connectionString = await emptyDatabase(t)
  await query(connectionString, 'create schema affitor')
  await migrate(connectionString)
})

t.test('a role that may not create says so with the database\'s reason; one that may use all needs no more', async t => {
  const connectionString = await emptyDatabase(t)
  const stranger = await createTestRole(t, connectionString, 'stranger')
  await t.rejects(migrate(stranger), {
    message: /^The schema affitor cannot be made in the database \S+ at \S+: permission denied for database \w+\. Have a role that may create it run `npx fastify-affitor migrate`, or what `npx fastify-affitor migrate --sql` prints\.$/
  })
  await t.rejects(migrate(readOnly(connectionString)), { message: /cannot be made in the database .*: cannot execute CREATE SCHEMA in a read-only transaction\. Have a role/ })

  await migrate(connectionString)
  const user = await createTestRole(t, connectionString, 'user', `
    grant usage on schema affitor to ROLE; grant select, insert, update, delete on all tables in schema affitor to ROLE;
    grant usage on all sequences in schema affitor to ROLE; grant execute on all functions in schema affitor to ROLE`)
  await migrate(user, checks())
  await migrate(user, checks())
  await checkMigrations(user)
  t.match(await query(user, "select created from affitor.track_sale('ada', 'order_1', 100)"), [{ created: true }])
  t.match(await query(user, "select created from affitor.track_refund('order_1')"), [{ created: true }])
  await query(connectionString, `insert into ${ledgerMigrations.schema}.migrations (name, checksum) values ('0000_later.sql', '')`)
  await migrate(readOnly(user), checks())
})

t.test('a server that is older than any that is tested is refused, and nothing is changed', async t => {
  const connectionString = await emptyDatabase(t)
  await withClient(connectionString, async client => {
    // As PostgreSQL 13 would answer.
    const asked: string[] = []
    const old = new Proxy(client, {
      get (target, name) {
        if (name !== 'query') return Reflect.get(target, name)
        return async (text: string, values?: unknown[]) => {
          asked.push(text)
          return await target.query(text.replace("current_setting('server_version')", "'13.22 (Debian 13.22-0+deb11u1)'"), values)
        }
      }
    })
    await t.rejects(migrate(old), { message: /^The database \S+ at \S+ is PostgreSQL 13\.22 .+, and the oldest that is supported is 14\. Nothing was changed\.$/ })
    t.equal(asked.length, 1)
  })
})
