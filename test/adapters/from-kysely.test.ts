import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { fromKysely } from '../../src/adapters/index.js'
import { testAdapter } from './cases.js'
import type { Host } from './cases.js'

interface Tables { hostUsers: { id: string } }

const open = (connectionString: string) => new Kysely<Tables>({
  dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 1 }) }),
  plugins: [new CamelCasePlugin()]
})
const isOwnError: Host['isOwnError'] = (error, code) => error instanceof pg.DatabaseError && error.code === code

testAdapter('Kysely', connectionString => {
  const db = open(connectionString)
  return {
    transaction: async work => await db.transaction().execute(async trx =>
      await work(fromKysely(trx), async id => await trx.insertInto('hostUsers').values({ id }).execute())),
    isOwnError,
    close: async () => { await db.destroy() }
  }
})

testAdapter('Kysely, with a controlled transaction', connectionString => {
  const db = open(connectionString)
  return {
    async transaction (work) {
      const trx = await db.startTransaction().execute()
      try {
        await work(fromKysely(trx), async id => await trx.insertInto('hostUsers').values({ id }).execute())
        await trx.commit().execute()
      } catch (error) {
        await trx.rollback().execute()
        throw error
      }
    },
    isOwnError,
    close: async () => { await db.destroy() }
  }
})

t.test('what is no transaction of Kysely is refused at once', async t => {
  for (const other of [undefined, null, 7, 'trx', {}, new pg.Client()]) {
    // @ts-expect-error none of these has `executeQuery`
    t.throws(() => fromKysely(other), new TypeError('fromKysely takes a transaction of Kysely: fromKysely(trx).'))
  }
})
