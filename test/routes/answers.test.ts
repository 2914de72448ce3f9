import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import type { ErrorResponse } from '../../schemas/error.js'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, API_TOKEN, startService } from '../helpers/service.js'

const READ_TOKEN = 'test-read-token-0123456789'
const SECOND_TOKEN = 'test-second-token-0123456789'
const service = await startService(t, {
  variables: { ADMIN_TOKEN: `${ADMIN_TOKEN}, ${SECOND_TOKEN}-a`, ADMIN_READ_TOKEN: READ_TOKEN, API_TOKEN: `${API_TOKEN},${SECOND_TOKEN}` }
})
const { request, operator } = service
const ada = await service.signUp()
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const SUMMARY = '/api/tracking/summary'

t.test('every field that is wrong is told at once, the first in the message too', async t => {
  const answer = await request<ErrorResponse>('POST', '/api/signup', { email: 'nobody', password: 'short', affitorClickId: 7, more: true })
  matchError(t, answer, 'INVALID_REQUEST', /^body/)
  t.same(answer.body.details?.map(({ field }) => field).sort(), ['body/affitorClickId', 'body/email', 'body/more', 'body/password'])
  t.equal(answer.body.message, answer.body.details?.[0]?.message)
  const empty = await request<ErrorResponse>('POST', '/api/login', {})
  t.same(empty.body.details, [
    { field: 'body/email', message: 'body must have required property \'email\'' },
    { field: 'body/password', message: 'body must have required property \'password\'' }
  ])
  const query = await operator<ErrorResponse>('GET', '/api/tracking/events?limit=0&state=lost')
  t.same(query.body.details?.map(({ field }) => field).sort(), ['querystring/limit', 'querystring/state'])
})

t.test('a body with more problems than anybody reads has the first of them', async t => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`field${i}`, i]))
  t.equal((await request<ErrorResponse>('POST', '/api/login', many)).body.details?.length, 20)
})

t.test('who is not known is told how to authenticate', async t => {
  const challenges = [
    [undefined, 'Bearer realm="fastify-affitor"'],
    ['Bearer wrong', 'Bearer realm="fastify-affitor", error="invalid_token"']
  ] as const
  for (const [authorization, expected] of challenges) {
    for (const [method, path] of [['GET', SUMMARY], ['POST', '/api/leads'], ['POST', '/api/checkout']] as const) {
      const answer = await request(method, path, method === 'POST' ? {} : undefined, authorization === undefined ? {} : { authorization })
      t.equal(answer.status, 401)
      t.equal(answer.headers.get('www-authenticate'), expected, `${path} with ${authorization}`)
    }
  }
})

t.test('a token that is valid for other routes is answered 403, and says whose it is', async t => {
  matchError(t, await request('GET', SUMMARY, undefined, bearer(ada.accessToken)), 'FORBIDDEN', 'This is the token of a user, and this route is for the operator.')
  matchError(t, await request('POST', '/api/leads', {}, bearer(ada.accessToken)), 'FORBIDDEN', 'This is the token of a user, and this route is for another backend.')
  matchError(t, await request('GET', SUMMARY, undefined, bearer(API_TOKEN)), 'FORBIDDEN', /token of another backend/)
  matchError(t, await request('POST', '/api/leads', {}, bearer(READ_TOKEN)), 'FORBIDDEN', /token of the operator/)
  for (const token of [API_TOKEN, ADMIN_TOKEN]) matchError(t, await request('POST', '/api/checkout', {}, bearer(token)), 'FORBIDDEN', /and this route is for a user\.$/)
  const [header = '', payload = ''] = ada.accessToken.split('.')
  matchError(t, await request('GET', SUMMARY, undefined, bearer(`${header}.${payload}.c2lnbmF0dXJl`)), 'OPERATOR_ONLY', undefined, 'whose signature is wrong')
})

t.test('each of several tokens opens its routes', async t => {
  for (const token of [ADMIN_TOKEN, `${SECOND_TOKEN}-a`]) t.equal((await request('GET', SUMMARY, undefined, bearer(token))).status, 200)
  for (const token of [API_TOKEN, SECOND_TOKEN]) {
    t.equal((await request('POST', '/api/attribution', { customerKey: 'ada' }, bearer(token))).status, 200)
  }
})

t.test('an operator who may only look changes nothing', async t => {
  t.equal((await request('GET', SUMMARY, undefined, bearer(READ_TOKEN))).status, 200)
  t.equal((await request('GET', `/api/tracking/customers/${ada.userId}`, undefined, bearer(READ_TOKEN))).status, 200)
  const [lead] = await service.ledger()
  matchError(t, await request('POST', `/api/tracking/events/${lead?.id}/hold`, {}, bearer(READ_TOKEN)), 'FORBIDDEN', 'This token may only read.')
  matchError(t, await request('DELETE', `/api/tracking/customers/${ada.userId}/personal-data`, undefined, bearer(READ_TOKEN)), 'FORBIDDEN', 'This token may only read.')
  t.match((await service.ledger())[0], { state: 'pending', customerEmail: ada.email })
})

t.test('an address that does not take a method says which it takes', async t => {
  const cases = [
    ['GET', '/api/signup', 'POST'], ['DELETE', '/api/tracking/events/1', 'GET, HEAD'], ['PUT', '/api/tracking/events.csv?kind=sale', 'GET, HEAD'],
    ['PATCH', '/webhooks/stripe', 'POST'], ['POST', '/health/live', 'GET, HEAD'], ['GET', '/api/tracking/customers/a.b%20c/personal-data', 'DELETE']
  ]
  for (const [method = '', path = '', allowed] of cases) {
    const answer = await request(method, path)
    matchError(t, answer, 'METHOD_NOT_ALLOWED', new RegExp(`takes no ${method}\\. It takes: ${allowed}\\.$`))
    t.equal(answer.headers.get('allow'), allowed)
  }
  for (const path of ['/api/nothing', '/api/tracking/events/1/nothing', '/api/signup/']) matchError(t, await request('PUT', path), 'NOT_FOUND', /^There is no PUT /)
})

t.test('every answer has the name that the caller gave the request, or one of its own', async t => {
  const idOf = async (given?: string, path = '/health/live') =>
    (await request('GET', path, undefined, given === undefined ? {} : { 'x-request-id': given })).headers.get('x-request-id') ?? ''
  t.equal(await idOf('order-7:retry_1'), 'order-7:retry_1')
  t.equal(await idOf('also-of-errors', '/api/nothing'), 'also-of-errors')
  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  const [one, other] = [await idOf(), await idOf()]
  t.match(one, UUID)
  t.not(one, other)
  for (const bad of ['x'.repeat(129), 'with space', '"quoted"', '{"json":1}']) t.match(await idOf(bad), UUID, bad)
  const malformed = httpRequest(`${service.url}/%zz`)
  malformed.end()
  const [answer] = await once(malformed, 'response')
  t.match(answer, { statusCode: 400, headers: { 'x-request-id': UUID } })
  answer.resume()
})

t.test('answers with tokens, or with who somebody is, stay in no cache', async t => {
  const credentials = { email: ada.email, password: 'correct horse battery' }
  const cacheControl = async (answer: Promise<{ headers: Headers }>) => (await answer).headers.get('cache-control')
  t.equal(await cacheControl(request('POST', '/api/login', credentials)), 'no-store')
  t.equal(await cacheControl(request('POST', '/api/signup', { ...credentials, email: 'cached@example.com' })), 'no-store')
  for (const path of ['events', 'events/1', `customers/${ada.userId}`, 'search?q=ada', 'stripe-events', 'attention', 'events/999']) {
    t.equal(await cacheControl(operator('GET', `/api/tracking/${path}`)), 'no-store', path)
  }
})

t.test('a report that has not changed is not sent again', async t => {
  // While something waits, its age changes.
  await service.work()
  // A report begins with a whole minute.
  const restOfMinuteMs = 60_000 - Date.now() % 60_000
  if (restOfMinuteMs < 5_000) await setTimeout(restOfMinuteMs)
  for (const path of [SUMMARY, ...['checks', 'funnel', 'deliveries', 'program'].map(name => `/api/tracking/${name}`)]) {
    const first = await request('GET', path, undefined, bearer(ADMIN_TOKEN))
    const etag = first.headers.get('etag') ?? ''
    t.match(etag, /^"\S+"$/)
    t.equal(first.headers.get('cache-control'), 'private, no-cache')
    const again = await request('GET', path, undefined, { ...bearer(ADMIN_TOKEN), 'if-none-match': etag })
    t.match(again, { status: 304, body: null }, path)
    t.equal((await request('GET', path, undefined, { 'if-none-match': etag })).status, 401, 'for nobody else')
  }
  const before = (await request('GET', SUMMARY, undefined, bearer(ADMIN_TOKEN))).headers.get('etag') ?? ''
  await service.signUp()
  t.equal((await request('GET', SUMMARY, undefined, { ...bearer(ADMIN_TOKEN), 'if-none-match': before })).status, 200)
})

t.test('who is limited is told the limit, in the names that are used and in those of the draft', async t => {
  const limited = await startService(t, { affitor: service.affitor, stripe: service.stripe, variables: { RATE_LIMIT_PER_MINUTE: '2' } })
  const attempt = async () => await limited.request('POST', '/api/login', { email: 'ada@example.com', password: 'wrong password' })
  const first = await attempt()
  t.match(Object.fromEntries(first.headers), {
    'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1', 'ratelimit-policy': '"requests";q=2;w=60', ratelimit: /^"requests";r=1;t=\d+$/
  })
  await attempt()
  const refused = await attempt()
  matchError(t, refused, 'RATE_LIMITED', /Too many requests from this address/)
  t.match(refused.headers.get('ratelimit'), /^"requests";r=0;t=\d+$/)
  t.notOk((await limited.request('GET', '/health/live')).headers.get('ratelimit'))
})
