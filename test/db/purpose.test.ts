import t from 'tap'
import { loadConfig } from '../../src/service/config.js'
import type { Config } from '../../src/service/config.js'
import { migrate } from '../../src/db/migrate.js'
import { prepareDatabase } from '../../src/service/database/prepare.js'
import { createTestDatabase, emptyDatabase } from '../helpers/database.js'
import { openLedger } from '../helpers/ledger.js'
import { withClient } from '../helpers/postgres-server.js'

const account = {
  STRIPE_WEBHOOK_SECRET: 'whsec_x', AFFITOR_API_KEY: 'key', AFFITOR_PROGRAM_ID: '42', SESSION_SECRET: 'a'.repeat(32), ADMIN_TOKEN: 'b'.repeat(16)
}
const purposes = {
  sandbox: {},
  test: { ...account, STRIPE_SECRET_KEY: 'sk_test_x' },
  live: { ...account, STRIPE_SECRET_KEY: 'sk_live_x' },
  'another program': { ...account, STRIPE_SECRET_KEY: 'sk_live_x', AFFITOR_PROGRAM_ID: '43' }
}
type Name = keyof typeof purposes

const configOf = (name: Name, connectionString: string): Config => loadConfig({ ...purposes[name], DATABASE_URL: connectionString })
const start = async (name: Name, connectionString: string) => { await prepareDatabase(configOf(name, connectionString)) }

async function purposeIn (connectionString: string) {
  return await withClient(connectionString, async client =>
    (await client.query('select mode, affitor_program_id as program, stripe_livemode as livemode from installation')).rows)
}

async function tablesIn (connectionString: string): Promise<string[]> {
  return await withClient(connectionString, async client =>
    (await client.query("select schemaname || '.' || tablename as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1")).rows.map(({ name }) => name))
}

t.test('the first start writes down what a database is for, and later ones hold to it', async t => {
  const rows = { sandbox: ['sandbox', '42', false], test: ['live', '42', false], live: ['live', '42', true], 'another program': ['live', '43', true] }
  const sentences: Record<Name, Partial<Record<Name, RegExp>>> = {
    sandbox: {
      test: /is for a sandbox, and the configuration is for Affitor program 42 with a Stripe test key: what was made up in it would be told to Affitor\. Set DATABASE_URL to an empty database\.$/,
      live: /is for a sandbox, .* program 42 with a Stripe live key: what was made up/
    },
    test: {
      sandbox: /is for Affitor program 42 with a Stripe test key, and the configuration is for a sandbox: .* Remove DATABASE_URL, and the sandbox takes a database of its own, or set it to an empty database\.$/,
      live: /with a Stripe test key, .* with a Stripe live key: test payments in it would be told to Affitor as real ones\. Set DATABASE_URL to an empty database\.$/
    },
    live: {
      sandbox: /what is real in it would be told to the stand-ins instead of Affitor/,
      test: /real payments in it would be told to Affitor as tests, which earn nobody a commission\. Set DATABASE_URL to an empty database\.$/,
      'another program': /is for Affitor program 42 .* for Affitor program 43 .* Set AFFITOR_PROGRAM_ID to 42 again; or stop the service and move the database to program 43 for good by `npm run change-program`\.$/
    },
    'another program': { live: /is for Affitor program 43 .* for Affitor program 42 .* Set AFFITOR_PROGRAM_ID to 43 again/ }
  }
  for (const [first, later] of Object.entries(sentences) as Array<[Name, Partial<Record<Name, RegExp>>]>) {
    const { connectionString } = await createTestDatabase(t)
    await start(first, connectionString)
    const [mode, program, livemode] = rows[first]
    for (const [name, message] of Object.entries(later) as Array<[Name, RegExp]>) {
      await t.rejects(start(name, connectionString), { name: 'OtherPurposeError', message }, `${first}, then ${name}`)
    }
    await start(first, connectionString)
    t.same(await purposeIn(connectionString), [{ mode, program, livemode }])
  }
})

t.test('of first starts for different things at the same moment one wins, and the others are refused', async t => {
  const connectionString = await emptyDatabase(t)
  const names: Name[] = ['sandbox', 'live', 'test', 'sandbox', 'live', 'test']
  const outcomes = await Promise.allSettled(names.map(name => start(name, connectionString)))
  const winners = new Set(names.filter((_, index) => outcomes[index]?.status === 'fulfilled'))
  t.equal(winners.size, 1)
  t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2, 'both that are for the same thing run')
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') t.equal((outcome.reason as Error).name, 'OtherPurposeError')
  }
})

t.test('a sandbox leaves a database alone that is another program\'s', async t => {
  const tables: Record<string, string> = {
    'a table': 'create table posts (id int)',
    'a table in a schema of its own': 'create schema shop; create table shop.orders (id int)',
    'a table of users': 'create table users (id int)',
    'a view': 'create view answers as select 42 as answer'
  }
  const connectionString = await emptyDatabase(t)
  for (const [what, sql] of Object.entries(tables)) {
    await withClient(connectionString, client => client.query(`drop schema if exists public, shop cascade; create schema public; ${sql}`))
    const before = await tablesIn(connectionString)
    await t.rejects(start('sandbox', connectionString), {
      message: /^The database \w+ at \S+ holds what is not this program's \(\S+.*\), so the sandbox leaves it alone\. Remove DATABASE_URL, .*\.$/
    }, what)
    t.same(await tablesIn(connectionString), before, `${what}: nothing was changed`)
  }
  await start('live', connectionString)
  t.match(await purposeIn(connectionString), [{ mode: 'live' }], 'real accounts may share a database with the rest of the app')
  await t.rejects(start('sandbox', connectionString), { message: /is for Affitor program 42/ })
})

t.test('a database that facts were reported to before any start is not a sandbox\'s', async t => {
  const unused = (await createTestDatabase(t)).connectionString
  await start('sandbox', unused)
  t.match(await purposeIn(unused), [{ mode: 'sandbox' }], 'it was made ready, and never used')

  const { connectionString } = await createTestDatabase(t)
  const ledger = await openLedger(t, connectionString)
  await ledger.add({})
  await t.rejects(start('sandbox', connectionString), { message: /holds customers or payments, and nothing in it shows that a sandbox made them up, so the sandbox leaves it alone\. Remove DATABASE_URL/ })
  t.same(await purposeIn(connectionString), [])
  await start('live', connectionString)
  t.match(await purposeIn(connectionString), [{ mode: 'live', livemode: true }])
  t.equal((await ledger.rows()).length, 1)
})

t.test('a database that is only migrated is for nothing yet', async t => {
  const connectionString = await emptyDatabase(t)
  await migrate(connectionString)
  t.same(await purposeIn(connectionString), [])
})
