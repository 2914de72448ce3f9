import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { migrate } from '../../src/db/migrate.js'
import { createTestDatabase, emptyDatabase } from '../helpers/database.js'
import { openLedger } from '../helpers/ledger.js'
import { withClient } from '../helpers/postgres-server.js'

async function journalLength (): Promise<number> {
  const text = await readFile(join(import.meta.dirname, '../../migrations/meta/_journal.json'), 'utf8')
  return (JSON.parse(text) as { entries: unknown[] }).entries.length
}

const applied = 'select count(*)::int as count from drizzle.__drizzle_migrations'

t.test('several processes that migrate an empty database at once apply each migration once', async t => {
  const connectionString = await emptyDatabase(t)
  await Promise.all(Array.from({ length: 6 }, () => migrate(connectionString)))
  const ledger = await openLedger(t, connectionString)
  t.same(await ledger.query(applied), [{ count: await journalLength() }])
  t.equal((await ledger.add({})).length, 1)
  await migrate(connectionString)
  t.equal((await ledger.rows()).length, 1, 'a database that is up to date is left alone')
})

t.test('a process that is killed while it migrates leaves nothing half done, and the lock free', async t => {
  const connectionString = await emptyDatabase(t)
  await withClient(connectionString, async blocker => {
    // The last table of the first migration waits for this one of the same name.
    await blocker.query('begin; create table users ()')
    const failed = t.rejects(migrate(connectionString), 'its connection ends')
    await withClient(connectionString, async killer => {
      for (;;) {
        const { rowCount } = await killer.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'fastify-affitor migrate' and wait_event_type = 'Lock'")
        if (rowCount !== 0) break
      }
    })
    await failed
    await blocker.query('rollback')
    t.same((await blocker.query("select tablename from pg_tables where schemaname = 'public'")).rows, [])
  })
  await migrate(connectionString)
  await withClient(connectionString, async client => {
    t.same((await client.query(applied)).rows, [{ count: await journalLength() }])
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
