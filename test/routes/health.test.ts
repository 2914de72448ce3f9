import t from 'tap'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { matchError } from '../helpers/errors.js'
import { eventually } from '../helpers/eventually.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const KEY = 'aff_Shop/0123456789+abcdef'

const database = await startDatabaseProxy(t, (await createTestDatabase(t)).connectionString)
const service = await startService(t, { connectionString: database.connectionString })
const live = () => service.request('GET', '/health/live')
const ready = () => service.request('GET', '/health/ready')

t.test('a service that works is alive and ready', async t => {
  t.match(await live(), { status: 200, body: { status: 'ok' } })
  t.match(await ready(), { status: 200, body: { status: 'ok', delivery: { state: 'running', reason: null, pausedUntil: null } } })
})

t.test('while the database is away it is alive and not ready, and afterwards ready again', async t => {
  await database.cut()
  t.match(await live(), { status: 200, body: { status: 'ok' } })
  matchError(t, await ready(), 'DATABASE_UNAVAILABLE')
  await database.restore()
  t.equal((await ready()).status, 200)
})

t.test('every route that needs the database says that it is away', async t => {
  const { accessToken } = await service.signUp({ email: 'ada@example.com' })
  const credentials = { email: 'ada@example.com', password: 'correct horse battery' }
  await database.cut()
  matchError(t, await service.request('POST', '/api/signup', { ...credentials, email: 'new@example.com' }), 'DATABASE_UNAVAILABLE')
  matchError(t, await service.request('POST', '/api/login', credentials), 'DATABASE_UNAVAILABLE')
  const order = { priceId: 'price_sandbox_onetime', mode: 'payment' }
  matchError(t, await service.request('POST', '/api/checkout', order, { authorization: `Bearer ${accessToken}` }), 'DATABASE_UNAVAILABLE')
  for (const path of ['events', 'events/1', 'stripe-events', 'summary']) {
    matchError(t, await service.operator('GET', `/api/tracking/${path}`), 'DATABASE_UNAVAILABLE')
  }
  matchError(t, await service.operator('POST', '/api/tracking/events/1/retry'), 'DATABASE_UNAVAILABLE')
  await database.restore()
  t.equal((await service.request('POST', '/api/login', credentials)).status, 200)
})

t.test('a refused Affitor key pauses delivery, which both readiness and summary tell: the API can serve', async t => {
  await service.signUp()
  service.affitor.behave({ refuseKey: true })
  await service.work()
  const paused = { state: 'paused', pausedUntil: /^20\d\d-.*Z$/ }
  t.match(await ready(), { status: 200, body: { status: 'ok', delivery: paused } })
  t.match((await service.operator('GET', '/api/tracking/summary')).body, { delivery: { ...paused, reason: /401/ } })
})

/** As though nothing had been refused yet. */
async function forgetPause (connectionString: string): Promise<void> {
  await query(connectionString, 'delete from delivery_pauses')
  await query(connectionString, 'update tracking_events set refused_at = null, next_attempt_at = now()')
}

t.test('why delivery is paused is told to anybody in one sentence, which is ours', async t => {
  const answer = { status: 401, body: '' }
  const talkative = await startFakeAffitor(t, answer)
  const started = await startService(t, { stripe: service.stripe, affitor: { ...service.affitor, url: talkative.url, apiKey: KEY } })
  await started.signUp()
  const told = new Set<unknown>()
  for (const words of [`the key ${KEY} of ada@example.com at 10.0.0.7 is unknown`, '<h1>Forbidden</h1>']) {
    answer.body = words
    await started.work()
    const { body } = await started.request<{ delivery: { state: string, reason: string } }>('GET', '/health/ready')
    t.equal(body.delivery.state, 'paused')
    told.add(body.delivery.reason)
    await forgetPause(started.connectionString)
  }
  t.same([...told], ['Affitor refuses the API key. GET /api/tracking/summary tells the operator what it says.'])
})

t.test('the operator is told in Affitor\'s words, but for what looks like a key', async t => {
  const other = 'aff_ofAnotherProgram12345'
  const words = `key ${KEY} (${KEY.toUpperCase()}, Bearer ${KEY}, ${encodeURIComponent(KEY)}, ${KEY.slice(0, 12)}...) is unknown, is ${other} meant?`
  const answer = { status: 401, body: JSON.stringify({ error: words }) }
  const talkative = await startFakeAffitor(t, answer)
  const started = await startService(t, { stripe: service.stripe, affitor: { ...service.affitor, url: talkative.url, apiKey: KEY } })
  const { userId } = await started.signUp()
  await started.work()
  const summary = await started.operator('GET', '/api/tracking/summary')
  t.match(summary.body, { delivery: { state: 'paused', reason: /^Affitor answered 401: key \[key\] .* is unknown, is \[key\] meant\?$/ } })

  // The same words where they are kept for good.
  await forgetPause(started.connectionString)
  Object.assign(answer, { status: 400, body: JSON.stringify({ error: words, [KEY]: { nested: [KEY] } }) })
  await started.work()
  const shown = [summary, await started.operator('GET', '/api/tracking/events'), await started.operator('GET', `/api/tracking/customers/${userId}`)]
    .map(({ body }) => JSON.stringify(body)).join()
  t.match(shown, /"state":"rejected"/)
  for (const secret of [KEY, KEY.toUpperCase(), encodeURIComponent(KEY), KEY.slice(0, 12), other]) t.notOk(shown.includes(secret), secret)
})

t.test('a service that drains is alive and not ready, and lets go of connections, for as long as load balancers need', async t => {
  const { app, request } = await startService(t, {
    connectionString: database.connectionString, stripe: service.stripe, affitor: service.affitor, variables: { SHUTDOWN_DELAY_MS: '1000' }
  })
  t.equal(app.isDraining, false)
  t.not((await request('GET', '/health/ready')).headers.get('connection'), 'close')
  const start = performance.now()
  let drained = false
  const draining = app.drain().then(() => { drained = true })
  t.equal(app.isDraining, true)
  t.throws(() => { Object.assign(app, { isDraining: false }) }, TypeError, 'nobody else says so')
  const notReady = await request('GET', '/health/ready')
  matchError(t, notReady, 'SHUTTING_DOWN')
  t.equal(notReady.headers.get('connection'), 'close')
  const alive = await request('GET', '/health/live')
  t.equal(alive.status, 200)
  t.equal(alive.headers.get('connection'), 'close')
  t.equal(drained, false, 'requests are served meanwhile')
  await draining
  t.ok(performance.now() - start > 990)
})

t.test('an overloaded service sheds requests, and is alive all the same: a restart would help nobody', async t => {
  const overloaded = await startService(t, {
    connectionString: database.connectionString,
    stripe: service.stripe,
    affitor: service.affitor,
    variables: { MAX_EVENT_LOOP_DELAY_MS: '1' }
  })
  await eventually('the overload is noticed', async () => {
    for (const end = performance.now() + 30; performance.now() < end;) { /* keeps the event loop from its work */ }
    return (await overloaded.request('GET', '/health/ready')).status === 503
  })
  matchError(t, await overloaded.request('GET', '/health/ready'), 'OVERLOADED')
  matchError(t, await overloaded.request('POST', '/webhooks/stripe'), 'OVERLOADED')
  t.match(await overloaded.request('GET', '/health/live'), { status: 200, body: { status: 'ok' } })
})
