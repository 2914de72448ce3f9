import t from 'tap'
import type { Test } from 'tap'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'
import { withClient } from '../helpers/postgres-server.js'
import { startService } from '../helpers/service.js'
import type { Answer, Service } from '../helpers/service.js'
import { deliver, stripeEvent } from '../helpers/webhook.js'

t.setTimeout(120_000)
// They wait more than they work.
t.jobs = 3

/** A request waits this long for a connection, and a query for its end, in seconds; a busy machine adds to both. */
const CONNECTION_SECONDS = 5
const QUERY_SECONDS = 16
const SLACK_SECONDS = 4

async function timed (work: Promise<Answer<unknown>>): Promise<{ status: number, retryAfter: string | null, seconds: number }> {
  const begin = performance.now()
  const { status, headers } = await work
  return { status, retryAfter: headers.get('retry-after'), seconds: (performance.now() - begin) / 1000 }
}

const signUp = (service: Service, email: string) => service.request('POST', '/api/signup', { email, password: 'correct horse battery' })

async function lockWaits (service: Service): Promise<number | null> {
  return await withClient(service.connectionString, async client => (await client.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")).rowCount)
}

function unavailable (t: Test, answer: Awaited<ReturnType<typeof timed>>, seconds: number): void {
  t.match(answer, { status: 503, retryAfter: '5' })
  t.ok(answer.seconds < seconds + SLACK_SECONDS, `${answer.seconds} s`)
}

t.test('while all connections are busy requests end with 503 after 5 seconds, and when they are free all is well', { buffered: true }, async t => {
  const service = await startService(t, { variables: { DATABASE_POOL_SIZE: '2' } })
  await withClient(service.connectionString, async blocker => {
    await blocker.query('begin; lock table users in exclusive mode')
    const holding = [signUp(service, 'ada@example.com'), signUp(service, 'bob@example.com')]
    await eventually('they have the connections', async () => (await lockWaits(service)) === 2)
    const waiting = await Promise.all([
      timed(signUp(service, 'eve@example.com')), timed(deliver(service, stripeEvent())), timed(service.request('GET', '/health/ready'))
    ])
    for (const answer of waiting) unavailable(t, answer, CONNECTION_SECONDS)
    await blocker.query('rollback')
    t.same((await Promise.all(holding)).map(answer => answer.status), [201, 201], 'those that had a connection are answered')
  })
  t.equal((await signUp(service, 'eve@example.com')).status, 201, 'what was answered 503 was not stored')
  t.equal((await service.request('GET', '/health/ready')).status, 200)
})

t.test('a disk whose commits take long: answers wait for them, at most 16 seconds, and nothing is lost or doubled', { buffered: true }, async t => {
  const service = await startService(t)
  const commitsTake = (seconds: number) => withClient(service.connectionString, async client => {
    await client.query(`
      create or replace function slow_disk () returns trigger language plpgsql as $$ begin perform pg_sleep(${seconds}); return null; end $$`)
    for (const table of ['users', 'stripe_events']) {
      await client.query(`drop trigger if exists slow_disk on ${table}`)
      if (seconds > 0) {
        await client.query(`create constraint trigger slow_disk after insert on ${table} deferrable initially deferred for each row execute function slow_disk()`)
      }
    }
  })
  const stored = (table: string) => withClient(service.connectionString, async client => (await client.query(`select from ${table}`)).rowCount)

  await commitsTake(2)
  const slow = await Promise.all([timed(signUp(service, 'ada@example.com')), timed(deliver(service, stripeEvent()))])
  t.same(slow.map(answer => answer.status), [201, 200])
  t.ok(slow.every(({ seconds }) => seconds > 1.9), 'nothing is acknowledged before its commit')

  // PostgreSQL's own time limit of statements does not hold for a commit, but ours does.
  await commitsTake(22)
  const event = stripeEvent()
  const stuck = await Promise.all([timed(signUp(service, 'bob@example.com')), timed(deliver(service, event))])
  for (const answer of stuck) unavailable(t, answer, QUERY_SECONDS)

  await commitsTake(0)
  // Their commits are still on their way: whoever is told 503 cannot know, and asks again.
  const again = await Promise.all([signUp(service, 'bob@example.com'), deliver(service, event)])
  t.same(again.map(answer => answer.status), [409, 200])
  t.same([await stored('users'), await stored('stripe_events'), await stored('tracking_events')], [2, 2, 2], 'each once')
})

t.test('a network that falls silent: requests end within a bound, and the service is back when the network is', { buffered: true }, async t => {
  const proxy = await startDatabaseProxy(t, (await createTestDatabase(t)).connectionString)
  const service = await startService(t, { connectionString: proxy.connectionString })
  // So that the pool has connections, which look as if they worked.
  await Promise.all(Array.from({ length: 6 }, (_, n) => signUp(service, `user${n}@example.com`)))

  proxy.stall()
  const answers = await Promise.all([
    timed(signUp(service, 'bob@example.com')), timed(deliver(service, stripeEvent())), timed(service.request('GET', '/health/ready'))
  ])
  for (const answer of answers) unavailable(t, answer, CONNECTION_SECONDS + QUERY_SECONDS)
  await proxy.restore()
  t.equal((await service.request('GET', '/health/ready')).status, 200)
  t.equal((await deliver(service, stripeEvent())).status, 200)
})
