import knex from 'knex'
import pg from 'pg'
import t from 'tap'
import { fromKnex } from '../../src/adapters/index.js'
import { testAdapter } from './cases.js'

testAdapter('Knex', connectionString => {
  const db = knex({ client: 'pg', connection: connectionString, pool: { min: 0, max: 1 } })
  return {
    transaction: async work => { await db.transaction(async trx => await work(fromKnex(trx), async id => await trx('host_users').insert({ id }))) },
    isOwnError: (error, code) => error instanceof pg.DatabaseError && error.code === code,
    close: async () => { await db.destroy() }
  }
})

t.test('what is no transaction of Knex is refused at once', async t => {
  for (const other of [undefined, null, 7, 'trx', {}, () => 'trx']) {
    // @ts-expect-error none of these has `raw`
    t.throws(() => fromKnex(other), new TypeError('fromKnex takes a transaction of Knex: fromKnex(trx).'))
  }
})

t.test('Knex on another database is refused when it answers', async t => {
  const trx = { raw: async () => await Promise.resolve({ changes: 0 }) }
  await t.rejects(fromKnex(trx).query('select 1', []), new TypeError('The transaction answered without rows; only PostgreSQL is supported.'))
})
