import t from 'tap'
import type { Test } from 'tap'
import { eventually } from '../helpers/eventually.js'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { readScrape } from '../helpers/metrics.js'
import { startService } from '../helpers/service.js'
import type { Service, ServiceOptions } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const METRICS_TOKEN = 'test-metrics-token-0123456789'
const ONE_TIME = { priceId: 'price_sandbox_onetime', mode: 'payment' }

async function startCounting (t: Test, options: ServiceOptions = {}) {
  return await startService(t, { ...options, variables: { METRICS_TOKEN, DELIVERY_RETRY_BASE_MS: '1', DELIVERY_RETRY_CAP_MS: '1', ...options.variables } })
}

async function scrape ({ url }: Service) {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  return readScrape(await response.text())
}

/** What the database told is kept for a second. */
const scrapeAnew = async (service: Service) => {
  await new Promise(resolve => { setTimeout(resolve, 1_050) })
  return await scrape(service)
}

t.setTimeout(180_000)
const service = await startCounting(t)

t.test('metrics are for who has the token, and not there without one', async t => {
  const ask = (headers?: Record<string, string>) => fetch(`${service.url}/metrics`, headers && { headers })
  for (const headers of [undefined, { authorization: 'Bearer test-metrics-token-012345678' }, { authorization: `Basic ${METRICS_TOKEN}` }]) {
    const refused = await ask(headers)
    t.equal(refused.status, 401)
    t.match(refused.headers.get('www-authenticate'), /^Bearer realm=/)
    t.match(await refused.json(), { code: 'UNAUTHORIZED', message: 'Send the metrics token: "Authorization: Bearer <METRICS_TOKEN>".' })
  }
  t.equal((await service.operator('GET', '/metrics')).status, 401, 'the operator\'s token is another')
  const answered = await ask({ authorization: `Bearer ${METRICS_TOKEN}` })
  t.match(answered.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  t.equal(answered.headers.get('www-authenticate'), null)
  t.notMatch((await service.request<string>('GET', '/openapi.json')).body, { paths: { '/metrics': {} } })

  const without = await startService(t)
  t.equal((await fetch(`${without.url}/metrics`)).status, 404)
})

t.test('a journey is counted: requests, events, facts, calls, groups', async t => {
  const { accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const session = await service.checkOut(accessToken, ONE_TIME)
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  service.affitor.behave({ failStatus: 503, times: 1 })
  await eventually('all is delivered', async () => {
    await service.work()
    return (await service.ledger()).every(event => event.state === 'delivered')
  })
  await fetch(`${service.url}/webhooks/stripe`, { method: 'POST', body: '{}' })

  const { value } = await scrape(service)
  const answered = value('affitor_webhook_requests_total', { status: '200' }) ?? 0
  t.ok(answered > 0)
  t.equal(value('affitor_webhook_requests_total', { status: '400' }), 1)
  t.equal((value('affitor_stripe_events_received_total', { outcome: 'stored' }) ?? 0) + (value('affitor_stripe_events_received_total', { outcome: 'not_needed' }) ?? 0), answered)
  t.equal(value('affitor_interpretation_duration_seconds_count', { outcome: 'interpreted' }), value('affitor_stripe_events', { state: 'interpreted' }))
  t.equal(value('affitor_answers_total', { kind: 'lead', status: '503' }), 1)
  t.equal(value('affitor_answers_total', { kind: 'lead', status: '200' }), 1)
  t.equal(value('affitor_answers_total', { kind: 'sale', status: '200' }), 1)
  t.equal(value('affitor_delivery_duration_seconds_count', { kind: 'sale' }), 1)
  t.equal(value('affitor_facts', { kind: 'sale', state: 'delivered' }), 1)
  t.equal(value('affitor_facts', { kind: 'sale', state: 'pending' }), 0)
  t.equal(value('affitor_retries_total', { step: 'deliver' }), 1)
  t.ok(value('affitor_group_size_sum', { group: 'inbox' }) === value('affitor_stripe_events_received_total', { outcome: 'stored' }))
  t.ok((value('affitor_group_size_count', { group: 'settlements' }) ?? 0) > 0)
  t.equal(value('affitor_pool_size'), 10)
  t.equal(value('affitor_pool_waiting'), 0)
  t.equal(value('affitor_database_up'), 1)
  t.ok((value('nodejs_eventloop_lag_p99_seconds') ?? 0) > 0)
})

t.test('what waits is the whole database\'s, from every process: by state, with the age of the oldest, by reason', async t => {
  const service = await startCounting(t)
  const other = await startCounting(t, { connectionString: service.connectionString, affitor: service.affitor, stripe: service.stripe })
  await service.signUp()
  await service.signUp()
  await query(service.connectionString, 'update tracking_events set created_at = now() - interval \'1 hour\' where id = 1')
  for (const process of [service, other]) {
    const { value } = await scrape(process)
    t.equal(value('affitor_facts', { kind: 'lead', state: 'pending' }), 2)
    t.ok(Math.abs((value('affitor_facts_oldest_age_seconds', { state: 'pending' }) ?? 0) - 3_600) < 60)
    t.equal(value('affitor_facts_oldest_age_seconds', { state: 'needs_attention' }), 0)
  }

  await query(service.connectionString, 'update tracking_events set state = \'needs_attention\', reason = \'refused\', settled_at = now(), next_attempt_at = null where id = 1')
  await query(service.connectionString, `
    insert into stripe_events (id, type, livemode, created, payload, state, reason, attention_since)
    values ('evt_1', 'invoice.paid', false, now(), '{', 'failed', 'interpretation_failed', now() - interval '1 day')`)
  const { value } = await scrapeAnew(other)
  t.equal(value('affitor_attention', { subject: 'fact', reason: 'refused' }), 1)
  t.equal(value('affitor_attention', { subject: 'stripe_event', reason: 'interpretation_failed' }), 1)
  t.equal(value('affitor_stripe_events', { state: 'failed' }), 1)
  t.ok(Math.abs((value('affitor_stripe_events_oldest_age_seconds', { state: 'failed' }) ?? 0) - 86_400) < 60)

  await service.operator('POST', '/api/tracking/attention/resolve', { reason: 'refused', note: 'told by hand' })
  const after = await scrapeAnew(service)
  t.equal(after.value('affitor_attention', { reason: 'refused' }), undefined)
  t.equal(after.value('affitor_facts', { kind: 'lead', state: 'resolved' }), 1)
})

t.test('what is taken over of a process that is gone is counted', async t => {
  const service = await startCounting(t, { variables: { WORKERS: 'true' } })
  await query(service.connectionString, 'insert into workers (owner, lock_key, seen_at) values (\'gone\', 1, now() - interval \'1 minute\')')
  await query(service.connectionString, `
    insert into tracking_events (kind, transaction_id, customer_key, payload, source, leased_by, leased_until)
    values ('lead', 'ada', 'ada', '{"v":1}', 'api', 'gone', now() + interval '1 hour')`)
  await eventually('its leases are ended', async () => (await scrape(service)).value('affitor_leases_taken_over_total', { step: 'deliver' }) === 1)
  t.equal((await scrapeAnew(service)).value('affitor_workers'), 1)

  // Of one that was never seen to live, such as behind a pooler, leases run out.
  await query(service.connectionString, `
    insert into tracking_events (kind, transaction_id, customer_key, payload, source, leased_by, leased_until)
    values ('lead', 'grace', 'grace', '{"v":1}', 'api', 'silent', now() - interval '1 second')`)
  await query(service.connectionString, `
    insert into stripe_events (id, type, livemode, created, payload, leased_by, leased_until)
    values ('evt_1', 'invoice.paid', false, now(), '{}', 'silent', now() - interval '1 second')`)
  await eventually('both are taken', async () => {
    const { value } = await scrape(service)
    return value('affitor_leases_taken_over_total', { step: 'deliver' }) === 2 && value('affitor_leases_taken_over_total', { step: 'interpret' }) === 1
  })
})

t.test('a refused key shows as a pause', async t => {
  const service = await startCounting(t)
  await service.signUp()
  service.affitor.behave({ refuseKey: true })
  await service.work()
  const { value } = await scrape(service)
  t.equal(value('affitor_delivery_paused'), 1)
  t.equal(value('affitor_answers_total', { kind: 'lead', status: '401' }), 1)
})

t.test('while the database is away, what this process counts is told all the same', async t => {
  const database = await startDatabaseProxy(t, (await createTestDatabase(t)).connectionString)
  const service = await startCounting(t, { connectionString: database.connectionString })
  t.equal((await scrape(service)).value('affitor_database_up'), 1)
  await database.cut()
  const cut = await scrapeAnew(service)
  t.equal(cut.value('affitor_database_up'), 0)
  for (const name of ['affitor_facts', 'affitor_stripe_events', 'affitor_delivery_paused', 'affitor_workers']) t.equal(cut.value(name), undefined, name)
  t.equal(cut.value('affitor_webhook_requests_total', { status: '200' }), 0)
  await database.restore()
  await eventually('the database tells again', async () => (await scrapeAnew(service)).value('affitor_workers') === 0)
})

t.test('every metric says of what it is, and is named as Prometheus wants it', async t => {
  const { text, names } = await scrape(service)
  const ours = [...names].filter(name => name.startsWith('affitor_'))
  t.ok(ours.length > 15)
  for (const name of ours) {
    const [, help = ''] = new RegExp(`^# HELP ${name} (.*)$`, 'm').exec(text) ?? []
    t.match(help, /Of this process\.$|Of the whole database, and the same from every process: take the greatest, not the sum\.$/, name)
    const [, type] = new RegExp(`^# TYPE ${name} (.*)$`, 'm').exec(text) ?? []
    t.equal(type === 'counter', name.endsWith('_total'), name)
  }
})
