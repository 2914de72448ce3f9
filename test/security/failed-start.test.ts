import t from 'tap'
import { createTestDatabase } from '../helpers/database.js'
import { startProcess } from '../helpers/processes.js'
import { ADMIN_TOKEN, SESSION_SECRET } from '../helpers/service.js'

const PASSWORD = 'xylograph'
const affitor = { url: 'http://127.0.0.1:9', apiKey: 'key-of-the-shop', programId: '42' }

t.test('a start that fails says what to look at, and prints no secret', async t => {
  const { host, pathname } = new URL((await createTestDatabase(t)).connectionString)
  await Promise.all(Object.entries({
    'a wrong password': `postgres://nobody:${PASSWORD}@${host}${pathname}`,
    'a server that is not there': `postgres://nobody:${PASSWORD}@127.0.0.1:1/none`,
    'an address that cannot be read': `postgres://nobody:${PASSWORD}%@127.0.0.1:1/none`
  }).map(async ([title, databaseUrl]) => {
    const server = startProcess(t, { entry: 'server', databaseUrl, affitor })
    // It never runs, which is what is asked for.
    server.running.catch(() => {})
    t.equal(await server.ended, 1, title)
    t.match(server.output(), /DATABASE_URL/, title)
    t.same([PASSWORD, affitor.apiKey, ADMIN_TOKEN, SESSION_SECRET].filter(secret => server.output().includes(secret)), [], title)
  }))
})
