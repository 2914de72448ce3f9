import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { MOST_WAITING } from '../../src/service/users/passwords.js'
import { WAITING_PER_CONNECTION } from '../../src/service/plugins/database.js'
import { matchError } from '../helpers/errors.js'
import { withClient } from '../helpers/postgres-server.js'
import { startService } from '../helpers/service.js'
import type { Answer } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { deliver, stripeEvent } from '../helpers/webhook.js'

const PASSWORD = 'correct horse battery'
const isShed = (answer: Answer<unknown>) => answer.status === 503

t.test('more signups than can be hashed: some are shed at once, what got a 201 is stored', async t => {
  const service = await startService(t)
  const { email } = await service.signUp()
  const signups = Array.from({ length: 2 * MOST_WAITING }, (_, n) =>
    service.request<{ userId: string }>('POST', '/api/signup', { email: `storm${n}@example.com`, password: PASSWORD }))
  // The first that is answered is one that is shed: those before it in the queue take far longer.
  const first = await Promise.race(signups.map(async signup => await signup.then(async answer => isShed(answer) ? answer : await delay(60_000, answer, { ref: false }))))
  matchError(t, first, 'OVERLOADED')
  t.equal((await service.request('GET', '/health/live')).status, 200)

  const answers = await Promise.all(signups)
  const accepted = answers.filter(answer => answer.status === 201)
  t.same(new Set(answers.map(answer => answer.status)), new Set([201, 503]))
  t.ok(accepted.length >= MOST_WAITING, `${accepted.length} of ${answers.length} accepted`)
  const stored = new Set((await query<{ id: string }>(service.connectionString, 'select id from users')).map(row => row.id))
  t.same(accepted.filter(answer => !stored.has(answer.body.userId)), [])

  await service.signUp()
  t.equal((await service.request('POST', '/api/login', { email, password: PASSWORD })).status, 200, 'at once it is as before')
})

t.test('more logins than can be checked are shed alike, with and without a user', async t => {
  const service = await startService(t)
  const { email } = await service.signUp()
  const kinds = { known: email, unknown: 'nobody@example.com' }
  const logins = Array.from({ length: 2 * MOST_WAITING }, (_, n) => n % 2 === 0 ? 'known' as const : 'unknown' as const)
    .map(async kind => ({ kind, answer: await service.request('POST', '/api/login', { email: kinds[kind], password: PASSWORD }) }))
  const shed = (await Promise.all(logins)).filter(({ answer }) => isShed(answer))
  for (const kind of ['known', 'unknown'] as const) {
    matchError(t, shed.find(login => login.kind === kind)?.answer as Answer<unknown>, 'OVERLOADED', undefined, kind)
  }
  t.equal((await service.request('POST', '/api/login', { email, password: PASSWORD })).status, 200)
  matchError(t, await service.request('POST', '/api/login', { email: kinds.unknown, password: PASSWORD }), 'INVALID_CREDENTIALS')
})

t.test('a database too slow for all that is asked of it: some wait, the others are shed at once', async t => {
  const connections = 2
  const most = connections + connections * WAITING_PER_CONNECTION
  const service = await startService(t, { variables: { DATABASE_POOL_SIZE: String(connections) } })
  const ask = () => service.operator('GET', '/api/tracking/events')
  await withClient(service.connectionString, async client => {
    await client.query('begin; lock table tracking_events')
    const asked = Array.from({ length: 3 * most }, ask)
    matchError(t, await Promise.race(asked), 'OVERLOADED')
    matchError(t, await deliver(service, stripeEvent()), 'OVERLOADED', undefined, 'webhook')
    t.equal((await service.request('GET', '/health/live')).status, 200)
    await client.query('commit')
    const answers = await Promise.all(asked)
    t.ok(answers.filter(answer => answer.status === 200).length >= most)
    t.same(new Set(answers.map(answer => answer.status)), new Set([200, 503]))
  })
  t.equal((await ask()).status, 200, 'at once it is as before')
  t.equal((await deliver(service, stripeEvent())).status, 200)
})
