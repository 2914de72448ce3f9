import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ledgerMigrations, migrate, migrationSql } from '../../src/db/migrate.js'
import { loadConfig } from '../../src/service/config.js'
import { serviceMigrations } from '../../src/service/database/migrations.js'
import { prepareDatabase } from '../../src/service/database/prepare.js'
import { NOWHERE, serviceEnvironment } from '../../tools/harness/environment.js'
import { API_KEY, PROGRAM_ID } from '../helpers/affitor.js'
import { createTestDatabase, emptyDatabase } from '../helpers/database.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import { openLedger } from '../helpers/ledger.js'
import { withClient } from '../helpers/postgres-server.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { makeWorkers } from '../helpers/workers.js'
import { HISTORY_VARIABLES, liveThrough, USER } from './history.js'
import { readRows, schemaOf, writeRows } from './snapshot.js'
import type { Rows } from './snapshot.js'

/**
 * Upgrades from each release, whose migrations and rows are kept in `released/VERSION`: `npm run release:version` writes
 * those of a new one (FREEZE_RELEASE), as the database of a service of that version that has run for a while.
 */
interface Released {
  version: string
  /** When the rows were read. */
  takenAt: string
  rows: Rows
  /** What the operator read then. */
  counts: unknown
}

const project = join(import.meta.dirname, '../..')
const released = join(import.meta.dirname, 'released')
const { FREEZE_RELEASE: freezing } = process.env
/** As of the service that `startService` starts. */
const configOf = (databaseUrl: string) => loadConfig({
  NODE_ENV: 'test',
  ...serviceEnvironment({
    databaseUrl,
    affitor: { url: NOWHERE, apiKey: API_KEY, programId: PROGRAM_ID },
    stripe: { url: NOWHERE, secretKey: 'sk_test_of_the_upgrade', webhookSecret: 'whsec_of_the_upgrade' }
  })
})
const SETS = [ledgerMigrations, serviceMigrations]
async function freeze (t: Test, version: string): Promise<void> {
  const folder = join(released, version)
  await rm(folder, { recursive: true, force: true })
  for (const set of SETS) await cp(join(project, set.folder), join(folder, set.folder), { recursive: true })
  const service = await startService(t, { variables: HISTORY_VARIABLES })
  await prepareDatabase(configOf(service.connectionString))
  await liveThrough(service)
  const { body: { counts } } = await service.operator('GET', '/api/tracking/summary')
  const kept: Released = { version, takenAt: new Date().toISOString(), rows: await readRows(service.connectionString), counts }
  await writeFile(join(folder, 'rows.json'), `${JSON.stringify(kept, null, 1)}\n`)
}

async function upgradesFrom (t: Test, version: string): Promise<void> {
  const folder = join(released, version)
  const kept = JSON.parse(await readFile(join(folder, 'rows.json'), 'utf8')) as Released

  /** A database as the release has left it. */
  const asReleased = async (t: Test) => {
    const connectionString = await emptyDatabase(t)
    for (const set of SETS) await migrate(connectionString, undefined, { ...set, folder: relative(project, join(folder, set.folder)) })
    await writeRows(connectionString, kept.rows, kept.takenAt)
    return connectionString
  }
  const upgrade = async (connectionString: string) => { await prepareDatabase(configOf(connectionString)) }

  await t.test(`migrations that ${version} has applied are as they were`, async t => {
    for (const { folder: migrations } of SETS) {
      for (const name of await readdir(join(folder, migrations))) {
        t.equal(await readFile(join(project, migrations, name), 'utf8'), await readFile(join(folder, migrations, name), 'utf8'), name)
      }
    }
  })

  await t.test(`a database of ${version} becomes what a new one is, by the program and by the SQL that it prints`, async t => {
    const { connectionString: fresh } = await createTestDatabase(t)
    const wanted = await schemaOf(fresh)
    t.ok(wanted.length > 100)
    const upgraded = await asReleased(t)
    await upgrade(upgraded)
    t.same(await schemaOf(upgraded), wanted)
    const bySql = await asReleased(t)
    for (const set of SETS) {
      const sql = await migrationSql(bySql, set)
      await withClient(bySql, client => client.query(sql))
    }
    t.same(await schemaOf(bySql), wanted)
  })

  await t.test(`every row of ${version} is there after the upgrade, with all that it said`, async t => {
    const connectionString = await asReleased(t)
    const before = await readRows(connectionString)
    for (const [table, rows] of Object.entries(before)) t.equal(rows.length, kept.rows[table]?.length, `${table} is as it was kept`)
    await upgrade(connectionString)
    const after = await readRows(connectionString)
    for (const [table, rows] of Object.entries(before)) {
      const kept = after[table]?.map(row => Object.fromEntries(Object.keys(rows[0] ?? {}).map(column => [column, row[column]])))
      const inOrder = (list: object[] = []) => list.map(row => JSON.stringify(row)).sort()
      t.same(inOrder(kept), inOrder(rows), table)
    }
  })

  await t.test(`what waited in ${version} is told after the upgrade, once and in order; who signed up logs in`, async t => {
    const connectionString = await asReleased(t)
    await upgrade(connectionString)
    const service = await startService(t, { connectionString })
    t.match(await service.operator('GET', '/api/tracking/summary'), { status: 200, body: { counts: kept.counts } })
    t.match(await service.request('POST', '/api/login', USER), { status: 200 })
    const { body: { customers } } = await service.operator<{ customers: Array<{ customerKey: string }> }>('GET', `/api/tracking/search?q=${USER.email}`)
    const { body: story } = await service.operator<{ entries: unknown[] }>('GET', `/api/tracking/customers/${customers[0]?.customerKey}`)
    t.ok(story.entries.length >= 9, 'her story is told')

    const waited = await query<{ transaction_id: string, kind: string }>(connectionString, "select transaction_id, kind from affitor.tracking_events where state = 'pending' order by id")
    const unread = await query<{ count: number }>(connectionString, "select count(*)::int as count from affitor.stripe_events where state = 'received'")
    t.same(waited.map(({ kind }) => kind), ['lead', 'sale'])
    t.ok((unread[0]?.count ?? 0) > 0)
    await query(connectionString, "update affitor.tracking_events set next_attempt_at = now() where state = 'pending'")
    const fake = await startFakeAffitor(t, { body: '{"success":true,"sale_id":1,"commission_id":1}' })
    const workers = makeWorkers(t, await openLedger(t, connectionString), { affitor: { url: fake.url, apiKey: 'key' } })
    await workers.runUntilIdle()
    t.equal(fake.calls(), 3, 'the lead, its sale, and the sale that had been received and not read')
    const told = await query(connectionString, `
      select kind, state, attempts from affitor.tracking_events
      where customer_key = (select customer_key from affitor.tracking_events where transaction_id = $1) and state <> 'skipped' order by settled_at, id`, [waited[0]?.transaction_id])
    t.same(told, [{ kind: 'lead', state: 'delivered', attempts: 2 }, { kind: 'sale', state: 'delivered', attempts: 1 }, { kind: 'sale', state: 'delivered', attempts: 1 }])
    await workers.runUntilIdle()
    t.equal(fake.calls(), 3)
  })
}

if (freezing !== undefined) t.test(`the database of ${freezing} is kept`, async t => { await freeze(t, freezing) })
else for (const version of await readdir(released)) t.test(`an upgrade from ${version}`, async t => { await upgradesFrom(t, version) })
