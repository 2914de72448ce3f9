import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { startAffitor } from '../helpers/affitor.js'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import type { FakeAnswer } from '../helpers/fake-affitor.js'
import { sendRaw } from '../helpers/raw-http.js'
import { ADMIN_TOKEN, SESSION_SECRET, startService } from '../helpers/service.js'
import type { Service, ServiceOptions } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { deliver, signature, stripeEvent } from '../helpers/webhook.js'

const EMAIL = 'ada.lovelace@confidential.example'
const PASSWORD = 'correct horse battery staple'
const CLICK_COOKIE = 'click_of_the_cookie'
const IDEMPOTENCY_KEY = 'key-of-the-buyer'

/** The service with its own log options, and the lines that it writes. */
async function startLogging (t: Test, options: ServiceOptions = {}) {
  const lines: string[] = []
  const service = await startService(t, {
    ...options,
    variables: { LOG_LEVEL: 'trace', DELIVERY_RETRY_BASE_MS: '1', DELIVERY_RETRY_CAP_MS: '1', ...options.variables },
    overrides: { logStream: { write (line) { lines.push(line) } }, stripeTimeoutMs: 100 }
  })
  return { service, lines }
}

/** Asserts that no line has any of these; tells which, and in which line. */
function hasNone (t: Test, lines: string[], secrets: Record<string, string | undefined>) {
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret === undefined || secret.length < 3) throw new Error(`${name}: nothing to look for`)
    t.same(lines.filter(line => line.toLowerCase().includes(secret.toLowerCase())), [], name)
  }
}

function secretsOf (service: Service, tokens: Record<string, string | undefined>) {
  return {
    'e-mail': EMAIL,
    'local part of the e-mail': 'lovelace',
    password: PASSWORD,
    'click id of the cookie': CLICK_COOKIE,
    'idempotency key': IDEMPOTENCY_KEY,
    'operator token': ADMIN_TOKEN,
    'session secret': SESSION_SECRET,
    'Stripe key': service.stripe.secretKey,
    'webhook secret': service.stripe.webhookSecret,
    'Affitor key': service.affitor.apiKey,
    'database password': new URL(service.connectionString).password || 'no password is set',
    'password hash': '$argon2',
    signature: 'v1=',
    ...tokens
  }
}

const ONE_TIME = { priceId: 'price_sandbox_onetime', mode: 'payment' }

t.test('the whole journey, and nothing confidential in the log', async t => {
  const { service, lines } = await startLogging(t)
  const affitorClickId = await service.affitor.click()
  const { userId, accessToken } = await service.signUp({ email: EMAIL, password: PASSWORD, affitorClickId })
  await service.request('POST', '/api/login', { email: EMAIL, password: PASSWORD })
  const { body } = await service.request<{ sessionId: string }>('POST', '/api/checkout', ONE_TIME, {
    authorization: `Bearer ${accessToken}`, 'idempotency-key': IDEMPOTENCY_KEY, cookie: `affitor_click_id=${CLICK_COOKIE}; session=${accessToken}`
  })
  const { payment_intent: intent } = await service.stripe.control('POST', `/checkout/sessions/${body.sessionId}/pay`, {})
  await service.work()
  await service.stripe.control('POST', '/refunds', { payment_intent: intent?.id })
  await service.work()
  await service.operator('GET', `/api/tracking/events?customerKey=${userId}`)
  t.equal((await service.ledger()).length, 3, 'the journey was whole')

  hasNone(t, lines, secretsOf(service, { 'click id': affitorClickId, token: accessToken }))
  t.ok(lines.some(line => line.includes('"url":"/api/signup"')), 'requests are logged')
  t.notOk(lines.some(line => line.includes(userId)), 'nor whose requests they are')
  const [lead] = lines.filter(line => line.includes('A fact was reported')).map(line => JSON.parse(line) as Record<string, unknown>)
  t.match(lead, { kind: 'lead', trackingEvent: Number, customer: /^[0-9a-f]{16}$/ }, 'a signup leads to its fact')
  t.ok(lines.some(line => line.includes(`"reqId":"${String(lead?.reqId)}"`) && line.includes('"url":"/api/signup"')), 'by the request\'s id')
})

t.test('what callers do wrong, and nothing confidential in the log', async t => {
  const { service, lines } = await startLogging(t)
  const { accessToken } = await service.signUp({ email: EMAIL, password: PASSWORD, affitorClickId: 'click_of_the_body' })
  const asUser = { authorization: `Bearer ${accessToken}` }
  const json = { 'content-type': 'application/json' }
  await service.request('POST', '/api/signup', { email: EMAIL, password: PASSWORD })
  await service.request('POST', '/api/signup', { email: EMAIL, password: 'short' })
  await service.request('POST', '/api/signup', { email: `${EMAIL}@`, password: PASSWORD, [EMAIL]: PASSWORD })
  await service.request('POST', '/api/signup', `{"email":"${EMAIL}","password":"${PASSWORD}`, json)
  await service.request('POST', '/api/login', { email: EMAIL, password: `${PASSWORD}!` })
  await service.request('POST', '/api/login', `${EMAIL}:${PASSWORD}`)
  await service.request('GET', `/api/login?email=${EMAIL}&password=${encodeURIComponent(PASSWORD)}`)
  await service.request('POST', '/api/checkout', ONE_TIME, { authorization: `Bearer ${accessToken}x` })
  await service.request('POST', '/api/checkout', { ...ONE_TIME, priceId: 'price_unknown' }, asUser)
  await service.request('GET', '/api/tracking/events', undefined, asUser)
  await service.request('GET', '/api/tracking/summary', undefined, { authorization: `Bearer ${ADMIN_TOKEN}x` })
  await service.request('POST', '/api/logout', undefined, { cookie: `session=${accessToken}` })
  const search = new URLSearchParams({ email: EMAIL, password: PASSWORD, token: accessToken, admin: ADMIN_TOKEN, click: 'click_of_the_body' })
  for (const path of ['/nowhere', '/api/signup', '/api/tracking/events', '/operator', '/%zz', `/api/tracking/events/${'1'.repeat(1_000)}`]) {
    await fetch(`${service.url}${path}?${search}`)
  }
  await sendRaw(service.url, `GET /health/live?${search} HTTP/9.9\r\nAuthorization: Bearer ${accessToken}\r\n\r\n`)
  const text = JSON.stringify(stripeEvent({ data: { object: { customer_email: EMAIL } } }))
  await deliver(service, text, { signature: signature(text, service.stripe.webhookSecret, 400) })
  await deliver(service, `${text} `, { signature: signature(text, service.stripe.webhookSecret) })
  await deliver(service, { object: 'v2.core.event', email: EMAIL })

  hasNone(t, lines, { ...secretsOf(service, { 'click id': 'click_of_the_body', token: accessToken }), 'mac of the signature': signature(text, service.stripe.webhookSecret).slice(-16) })
})

t.test('what fails around us, and nothing confidential in the log', async t => {
  const { connectionString } = await createTestDatabase(t)
  const database = await startDatabaseProxy(t, connectionString)
  const { service, lines } = await startLogging(t, { connectionString: database.connectionString })
  const affitorClickId = await service.affitor.click()
  const { accessToken } = await service.signUp({ email: EMAIL, password: PASSWORD, affitorClickId })
  const buy = async () => await service.request('POST', '/api/checkout', ONE_TIME, { authorization: `Bearer ${accessToken}`, 'idempotency-key': IDEMPOTENCY_KEY })
  const signUp = async () => await service.request('POST', '/api/signup', { email: `second.${EMAIL}`, password: PASSWORD, affitorClickId })
  const event = stripeEvent({ data: { object: { id: 'cs_1', customer_details: { email: EMAIL }, metadata: { affitor_click_id: affitorClickId } } } })

  for (const behaviour of [{ failStatus: 401 }, { failStatus: 403 }, { failStatus: 500 }, { failStatus: 402 }, { dropConnection: true }, { latencyMs: 300 }]) {
    await service.stripe.control('POST', '/behaviour', behaviour)
    t.ok((await buy()).status >= 400, JSON.stringify(behaviour))
  }
  await service.stripe.control('DELETE', '/behaviour')

  for (const behaviour of [{ failStatus: 500, times: 1 }, { dropConnection: 'after', times: 1 }, { refuseKey: true, times: 1 }] as const) {
    service.affitor.behave(behaviour)
    await service.work()
  }

  const refuse = async (table: string, statement: string) => {
    await query(connectionString, `create function refuse() returns trigger language plpgsql as $$ begin ${statement}; end $$;
      create trigger refuse before insert on ${table} for each row execute function refuse()`)
    t.equal((await signUp()).status, 500, `${table}: ${statement}`)
    await query(connectionString, 'drop function refuse cascade')
  }
  await refuse('users', 'raise exception \'refused\' using detail = new.email, hint = new.email')
  await refuse('users', 'raise exception \'invalid input syntax: %\', new.email using errcode = \'22P02\'')
  await refuse('tracking_events', 'perform 1 / 0')
  await query(connectionString, 'alter table stripe_events add constraint small check (length(payload::text) < 10)')
  t.equal((await deliver(service, event)).status, 503)
  await query(connectionString, 'alter table stripe_events drop constraint small')
  await query(connectionString, 'alter table tracking_events drop constraint tracking_events_sale_payload')
  await query(connectionString, 'update tracking_events set payload = payload || \'{"amountCents": "x"}\', kind = \'sale\', state = \'pending\', next_attempt_at = now()')
  await service.work()

  await database.cut()
  t.equal((await signUp()).status, 503)
  t.equal((await buy()).status, 503)
  t.equal((await deliver(service, event)).status, 503)
  t.equal((await service.request('GET', '/health/ready')).status, 503)
  await database.restore()

  hasNone(t, lines, secretsOf(service, { 'click id': affitorClickId, token: accessToken }))
  const errors = lines.map(line => JSON.parse(line)).filter(({ level }) => level >= 50)
  t.ok(errors.length >= 10, 'the failures are logged')
  for (const { err, msg } of errors) t.match({ err, msg }, { err: { type: /\w/, message: /\w/, stack: /\n? {4}at / }, msg: /\w/ })
})

t.test('what Stripe repeats in an error is not in the log', async t => {
  const talkative = createServer((request, response) => {
    const [type, message] = ['application/json', `No mail could be sent to ${EMAIL} with key-of-the-shop`]
    request.resume().on('end', () => response.writeHead(500, { 'content-type': type }).end(JSON.stringify({ error: { type: 'api_error', message } })))
  }).listen(0, '127.0.0.1')
  await once(talkative, 'listening')
  t.teardown(() => { talkative.close() })
  const { port } = talkative.address() as AddressInfo
  const { service, lines } = await startLogging(t, { variables: { STRIPE_API_URL: `http://127.0.0.1:${port}` } })
  const { accessToken } = await service.signUp({ email: EMAIL, password: PASSWORD })
  const { status } = await service.request('POST', '/api/checkout', ONE_TIME, { authorization: `Bearer ${accessToken}` })

  t.equal(status, 503)
  hasNone(t, lines, { ...secretsOf(service, { token: accessToken }), 'key in the message': 'key-of-the-shop' })
  t.ok(lines.some(line => JSON.parse(line).err?.type?.startsWith('Stripe')), 'it is logged that Stripe failed')
})

t.test('what Affitor repeats in an error is not in the log', async t => {
  const answer: FakeAnswer = { body: '' }
  const talkative = await startFakeAffitor(t, answer)
  const { service, lines } = await startLogging(t, { affitor: { ...await startAffitor(t), url: talkative.url }, variables: { DELIVERY_MAX_AGE_HOURS: '0.00005' } })
  const words = `${EMAIL} of click_of_the_body was sent with ${service.affitor.apiKey}`
  for (const [status, body] of [[200, words], [400, JSON.stringify({ error: words })], [500, `<h1>${words}</h1>`], [401, words]] as const) {
    Object.assign(answer, { status, body })
    await service.signUp({ email: `${status}.${EMAIL}`, password: PASSWORD, affitorClickId: 'click_of_the_body' })
    const calls = talkative.calls()
    await service.work()
    t.ok(talkative.calls() > calls, `${status}: Affitor was told`)
  }
  hasNone(t, lines, secretsOf(service, { 'click id': 'click_of_the_body' }))
})

t.test('health checks are worth no line while all is well, and no line at all to who wants none', async t => {
  const { service, lines } = await startLogging(t)
  lines.length = 0
  await service.request('GET', '/health/live')
  await service.request('GET', '/health/ready')
  t.same(lines, [])

  const silent = await startLogging(t, {
    connectionString: 'postgres://nobody@127.0.0.1:1/none', affitor: service.affitor, stripe: service.stripe, variables: { LOG_LEVEL: 'silent' }
  })
  t.equal((await silent.service.request('GET', '/health/ready')).status, 503)
  t.same(silent.lines, [])
})
