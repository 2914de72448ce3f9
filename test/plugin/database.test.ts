import Fastify from 'fastify'
import pg from 'pg'
import t from 'tap'
import affitor from '../../src/index.js'
import type { AffitorPluginOptions } from '../../src/index.js'
import { createTestRole, emptyDatabase } from '../helpers/database.js'
import { withClient } from '../helpers/postgres-server.js'
import { query } from '../helpers/sql.js'
import { hostOptions } from './host.js'

/** What a start says. */
async function start (options: AffitorPluginOptions): Promise<string> {
  const app = Fastify()
  try {
    await app.register(affitor, options)
    await app.ready()
    return 'started'
  } catch (error) {
    return (error as Error).message
  } finally {
    await app.close()
  }
}

const schemas = (connectionString: string) => query(connectionString, "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1")

t.test('the schema is made at the start; with migrate: false a start says that it is behind', async t => {
  const database = await emptyDatabase(t)
  const before = await schemas(database)
  t.match(await start(hostOptions(database, { migrate: false })), /^The schema affitor is behind: 0001_\w+\.sql is not applied\. Run `npx fastify-affitor migrate`/)
  t.same(await schemas(database), before, 'nothing was changed')
  t.equal(await start(hostOptions(database)), 'started')
  t.same(await schemas(database), [{ nspname: 'affitor' }, ...before], 'nothing but the one schema')
  t.same(await query(database, "select relname from pg_class where relnamespace = 'public'::regnamespace"), [], 'and nothing in public')
  t.equal(await start(hostOptions(database, { migrate: false })), 'started')
})

t.test('two processes that start at once: both start', async t => {
  const database = await emptyDatabase(t)
  t.same(await Promise.all([1, 2, 3, 4].map(() => start(hostOptions(database)))), Array(4).fill('started'))
})

t.test('a database of another program or Stripe mode is refused, and stays what it is', async t => {
  const database = await emptyDatabase(t)
  const options = hostOptions(database)
  t.equal(await start(options), 'started')
  t.match(await start({ ...options, affitor: { ...options.affitor, programId: '43' } }), /is for Affitor program 42 .* told to the wrong program\. Set affitor\.programId to 42 again/)
  t.match(await start({ ...options, livemode: true }), /test payments in it would be told to Affitor as real ones/)
  t.equal(await start(options), 'started')
})

t.test('a schema affitor that is somebody else\'s is left alone', async t => {
  const database = await emptyDatabase(t)
  await withClient(database, client => client.query('create schema affitor; create table affitor.tracking_events (id int)'))
  t.match(await start(hostOptions(database)), /has a schema affitor that is not of this program/)
  t.same(await query(database, "select relname from pg_class where relnamespace = 'affitor'::regnamespace"), [{ relname: 'tracking_events' }])
})

t.test('a role that may create nothing says what it needs, and works once the schema is there', async t => {
  const database = await emptyDatabase(t)
  t.match(await start(hostOptions(await createTestRole(t, database, 'stranger'))), /^The schema affitor cannot be made in the database .+: permission denied for database/)

  t.equal(await start(hostOptions(database)), 'started')
  const role = await createTestRole(t, database, 'app', `
    grant usage on schema affitor to ROLE; grant select, insert, update, delete on all tables in schema affitor to ROLE;
    grant usage on all sequences in schema affitor to ROLE; grant execute on all functions in schema affitor to ROLE`)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(affitor, hostOptions(role, { workers: true }))
  await app.ready()
  t.match(await app.affitor.trackLead({ customerExternalId: 'ada' }), { created: true })
  t.match(await app.affitor.trackSale({ customerExternalId: 'ada', invoiceId: 'order_1', amount: 1_900 }), { created: true })
})

t.test('a database that only reads is refused with its own words', async t => {
  const database = await emptyDatabase(t)
  const pool = new pg.Pool({ connectionString: database, options: '-c default_transaction_read_only=on' })
  t.teardown(() => pool.end())
  t.match(await start(hostOptions(pool)), /^The schema affitor cannot be made in the database .+read-only transaction/)
})

t.test('a database that is not there fails the start in a sentence', async t => {
  t.match(await start(hostOptions('postgres://ada:secret@127.0.0.1:9/shop')), /^The database .*cannot be used: nothing listens there\.$/)
})
