import { setImmediate } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import Fastify from 'fastify'
import t from 'tap'
import { openDatabase } from '../../../src/db/pool.js'
import database, { WAITING_PER_CONNECTION } from '../../../src/service/plugins/database.js'
import errorHandler from '../../../src/service/plugins/error-handler.js'
import security from '../../../src/service/plugins/security.js'
import { createTestDatabase } from '../../helpers/database.js'
import { withClient } from '../../helpers/postgres-server.js'

const CONNECTIONS = 2
const MOST = CONNECTIONS + CONNECTIONS * WAITING_PER_CONNECTION

t.test('requests that would wait too long for a connection are shed at once; the others wait', async t => {
  const { connectionString } = await createTestDatabase(t)
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(errorHandler)
  await app.register(security, { corsOrigins: [], https: false, maxEventLoopDelayMs: 0 })
  await app.register(database, openDatabase({ connectionString, poolSize: CONNECTIONS }))
  app.get('/asks', async () => (await app.db.execute(sql`select count(*) from affitor_service.users`)).rows)
  app.get('/live', { config: { servedUnderPressure: true } }, async () => 'alive')

  await withClient(connectionString, async client => {
    await client.query('begin; lock table users')
    const asked = []
    for (let n = 0; n < 2 * MOST; n++) {
      asked.push(app.inject('/asks').then(answer => answer))
      // A request joins the queue before the next one comes.
      await setImmediate()
    }
    const shed = await Promise.race(asked)
    t.match(shed.json(), { code: 'OVERLOADED' })
    t.match(shed.headers, { 'retry-after': /^\d+$/, 'x-content-type-options': 'nosniff' })
    t.equal((await app.inject('/live')).statusCode, 200)
    await client.query('commit')
    const answers = await Promise.all(asked)
    t.ok(answers.filter(answer => answer.statusCode === 200).length >= MOST)
    t.same(new Set(answers.map(answer => answer.statusCode)), new Set([200, 503]))
  })
  t.equal((await app.inject('/asks')).statusCode, 200, 'afterwards all is as before')
})
