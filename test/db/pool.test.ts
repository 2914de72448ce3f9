import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import t from 'tap'
import { isDatabaseUnavailable, openDatabase } from '../../src/db/pool.js'
import type { Queryable } from '../../src/db/pool.js'
import { createTestDatabase } from '../helpers/database.js'
import { withClient } from '../helpers/postgres-server.js'
import { openLedger } from '../helpers/ledger.js'

const users = sql`select count(*)::int as count from affitor_service.users`

async function failureOf (work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('It did not fail')
}

t.test('a transaction stores all or nothing', async t => {
  const { db } = await openLedger(t)
  const insert = (id: string) => sql`insert into affitor_service.users (id, email, password_hash) values (${id}, ${id}, '')`
  await t.rejects(db.transaction(async tx => {
    await tx.execute(insert('a'))
    throw new Error('on second thoughts')
  }), { message: 'on second thoughts' })
  t.equal(await db.transaction(async tx => {
    await tx.execute(insert('b'))
    await t.rejects(tx.transaction(async inner => { await inner.execute(insert('b')) }), 'a savepoint of its own')
    return 7
  }), 7)
  t.match((await db.execute(users)).rows, [{ count: 1 }])
  await db.transaction(async tx => { await tx.execute(users) }, { accessMode: 'read only' })
  await t.rejects(db.transaction(async tx => { await tx.execute(insert('c')) }, { accessMode: 'read only' }))
})

t.test('what is asked at once within a transaction is asked one after the other: pg warns of anything else', async t => {
  const { db } = await openLedger(t)
  const warnings: string[] = []
  const note = ({ message }: Error) => { warnings.push(message) }
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  const numbers = await db.transaction(async tx => await Promise.all([1, 2, 3].map(async number => (await tx.execute<{ number: number }>(sql`select ${number}::int as number`)).rows[0]?.number)))
  t.same(numbers, [1, 2, 3])
  await t.rejects(db.transaction(async tx => await Promise.all([tx.execute(sql`select 1 / 0`), tx.execute(users)])), 'one that fails does not hold up the next')
  await nextTurn()
  t.same(warnings, [])
})

t.test('a connection that breaks within a transaction fails that transaction, and nothing else', async t => {
  const { connectionString } = await createTestDatabase(t)
  const { db, pool } = openDatabase({ connectionString, poolSize: 1 })
  t.teardown(() => pool.end())
  const error = await failureOf(() => db.transaction(async tx => {
    const [row] = (await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)).rows
    const gone = new Promise(resolve => pool.once('release', resolve))
    await withClient(connectionString, client => client.query('select pg_terminate_backend($1, 5000)', [row?.pid]))
    // No query is at work when the news arrives.
    await Promise.race([gone, new Promise(resolve => setTimeout(resolve, 100))])
    await tx.execute(users)
  }))
  t.ok(isDatabaseUnavailable(error), String(error))
  t.match((await db.execute(users)).rows, [{ count: 0 }])
})

t.test('a transaction that cannot begin does not use up a connection of the pool', async t => {
  const { connectionString } = await createTestDatabase(t)
  const { db, pool } = openDatabase({ connectionString, poolSize: 1 })
  t.teardown(() => pool.end())
  const breakNext = () => pool.once('acquire', client => { (client as unknown as { connection: pg.Connection }).connection.stream.destroy() })
  for (let round = 0; round < 3; round++) {
    breakNext()
    t.ok(isDatabaseUnavailable(await failureOf(() => db.transaction(tx => tx.execute(users)))))
  }
  t.match((await db.execute(users)).rows, [{ count: 0 }])
})

t.test('a connection whose query was given up is not used again: its transaction may still be open', async t => {
  const { connectionString } = await createTestDatabase(t)
  const { db, pool } = openDatabase({ connectionString, poolSize: 1 })
  t.teardown(() => pool.end())
  const pidOf = async (queryable: Queryable) => (await queryable.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`)).rows[0]?.pid
  const during = async (failure: Error) => {
    let pid: number | undefined
    await failureOf(() => db.transaction(async tx => {
      pid = await pidOf(tx)
      throw failure
    }))
    return pid
  }
  // What node-postgres says when an answer does not come in time.
  t.not(await during(new Error('Query read timeout')), await pidOf(db))
  t.equal(await during(new Error('on second thoughts')), await pidOf(db))
})

t.test('an idle connection that breaks is told and replaced', async t => {
  const { connectionString } = await createTestDatabase(t)
  const told: Error[] = []
  const { db, pool } = openDatabase({ connectionString, poolSize: 2, onIdleError: error => told.push(error) })
  t.teardown(() => pool.end())
  await db.execute(users)
  const removed = new Promise(resolve => pool.once('remove', resolve))
  await withClient(connectionString, client => client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'))
  await removed
  t.equal(told.length, 1)
  t.match((await db.execute(users)).rows, [{ count: 0 }])
})

t.test('a database that cannot be used is told from a wrong query', async t => {
  const { db, connectionString } = await openLedger(t)
  const elsewhere = async (change: (url: URL) => void) => {
    const url = new URL(connectionString)
    change(url)
    const other = openDatabase({ connectionString: url.href, poolSize: 1 })
    t.teardown(() => other.pool.end())
    return await failureOf(() => other.db.execute(users))
  }
  t.ok(isDatabaseUnavailable(await elsewhere(url => { url.port = '1' })), 'nothing listens')
  t.ok(isDatabaseUnavailable(await elsewhere(url => { url.hostname = 'no-such-host.invalid' })), 'no such host')
  t.ok(isDatabaseUnavailable(await elsewhere(url => { url.pathname = '/no_such_database' })), 'no such database')
  t.ok(isDatabaseUnavailable(await elsewhere(url => { url.password = 'wrong' })), 'the password was changed')
  t.ok(isDatabaseUnavailable(await failureOf(() => db.execute(sql`do $$ begin raise sqlstate '57P01'; end $$`))), 'shutting down')
  t.ok(isDatabaseUnavailable(await failureOf(() => db.execute(sql`do $$ begin raise sqlstate '40P01'; end $$`))), 'a deadlock')
  t.ok(isDatabaseUnavailable(await failureOf(() => db.execute(sql`do $$ begin raise sqlstate '53100'; end $$`))), 'a full disk')
  t.notOk(isDatabaseUnavailable(await failureOf(() => db.execute(sql`select nonsense`))))
  t.notOk(isDatabaseUnavailable(await failureOf(() => db.execute(sql`select 1 / 0`))))
  t.notOk(isDatabaseUnavailable('a text'))
})
