import t from 'tap'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { deliver, stripeEvent } from '../helpers/webhook.js'

const { connectionString } = await createTestDatabase(t)
const database = await startDatabaseProxy(t, connectionString)
const service = await startService(t, { connectionString: database.connectionString })
const second = await startService(t, { connectionString, stripe: service.stripe, affitor: service.affitor })

interface Row { id: string, payload: string, state: string, reason: string | null, attempts: number, received_at: Date }
const stored = async (id: string) =>
  await query<Row>(connectionString, 'select *, payload::text as payload from stripe_events where id = $1', [id])

t.test('an event that comes again is one row, and is not read again', async t => {
  const event = stripeEvent()
  t.equal((await deliver(service, event)).status, 200)
  await service.work()
  const [first] = await stored(event.id)
  t.match(first, { attempts: 1 })
  t.not(first?.state, 'received')

  t.match(await deliver(service, { ...event, pending_webhooks: 0 }), { status: 200, body: { received: true } })
  await service.work()
  t.same(await stored(event.id), [first])
})

t.test('an event that comes twenty times at once, to two processes, is one row', async t => {
  const event = stripeEvent()
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => deliver(i % 2 === 0 ? service : second, event)))
  t.same(answers.map(({ status }) => status), Array(20).fill(200))
  t.equal((await stored(event.id)).length, 1)
})

t.test('an event of a type that is not needed is taken and not stored', async t => {
  for (const type of ['customer.created', 'payment_intent.created', 'toString', '__proto__', 'constructor']) {
    const event = stripeEvent({ type })
    t.match(await deliver(service, event), { status: 200, body: { received: true } }, type)
    t.same(await stored(event.id), [], type)
  }
})

t.test('an event of the other mode is stored, and ignored with the reason', async t => {
  const event = stripeEvent({ livemode: true })
  t.equal((await deliver(service, event)).status, 200)
  await service.work()
  t.match(await stored(event.id), [{ state: 'ignored', reason: 'mode_mismatch' }])
})

t.test('texts that PostgreSQL would refuse do not lose the event', async t => {
  for (const [name, text] of Object.entries({
    'a NUL escape': '\u0000', 'a lone high surrogate': '\ud800', 'a lone low surrogate': '\udc00', 'both in the wrong order': '\udc00\ud800'
  })) {
    const event = stripeEvent({ data: { object: { id: 'cs_1', object: 'checkout.session', note: text, metadata: { [text]: text } } } })
    const payload = JSON.stringify(event)
    t.equal((await deliver(service, payload)).status, 200, name)
    t.equal((await stored(event.id))[0]?.payload, payload, name)
    await service.work()
    t.not((await stored(event.id))[0]?.state, 'received', `${name}: read`)
  }
})

t.test('an event of hundreds of kilobytes is stored, one beyond the limit is refused', async t => {
  const event = stripeEvent({ lines: 'x'.repeat(1_000_000) })
  t.equal((await deliver(service, event)).status, 200)
  t.equal((await stored(event.id))[0]?.payload.length, JSON.stringify(event).length)
  matchError(t, await deliver(service, stripeEvent({ lines: 'x'.repeat(1024 * 1024) })), 'BODY_TOO_LARGE')
})

t.test('while the database is away Stripe is asked to send again, and then the event is stored', async t => {
  const event = stripeEvent()
  await database.cut()
  matchError(t, await deliver(service, event), 'DATABASE_UNAVAILABLE')
  matchError(t, await deliver(service, event), 'DATABASE_UNAVAILABLE')
  await database.restore()
  t.equal((await deliver(service, event)).status, 200)
  t.equal((await stored(event.id)).length, 1)
})

t.test('whatever else keeps an event from being stored is answered 503 too', async t => {
  const event = stripeEvent()
  await query(connectionString, 'alter table stripe_events rename to stripe_events_away')
  matchError(t, await deliver(service, event), 'DATABASE_UNAVAILABLE')
  await query(connectionString, 'alter table stripe_events_away rename to stripe_events')
  t.equal((await deliver(service, event)).status, 200)
  t.equal((await stored(event.id)).length, 1)
})

t.test('a forged event is refused also while the database is away', async t => {
  await database.cut()
  matchError(t, await deliver(service, stripeEvent(), { signature: 't=1,v1=0' }), 'INVALID_SIGNATURE', /^Webhook Error: /)
  await database.restore()
})

t.test('the raw parser is the webhook\'s own: other routes refuse prototype keys', async t => {
  const body = '{"email":"ada@example.com","password":"correct horse battery","__proto__":{"admin":true}}'
  for (const path of ['/api/signup', '/api/login']) {
    matchError(t, await service.request('POST', path, body, { 'content-type': 'application/json' }), 'INVALID_REQUEST', /__proto__/)
  }
  const event = stripeEvent()
  const text = JSON.stringify(event).replace('"request"', '"__proto__":{"admin":true},"request"')
  t.equal((await deliver(service, text)).status, 200, 'what Stripe signed is stored as it is')
  t.equal((await stored(event.id))[0]?.payload, text)
})
