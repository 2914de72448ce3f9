import t from 'tap'
import type { ErrorCode } from '../../schemas/error.js'
import { matchError } from '../helpers/errors.js'
import { sendRaw } from '../helpers/raw-http.js'
import { startService } from '../helpers/service.js'
import { countRows } from '../helpers/sql.js'

// The storefront would answer the address "/".
const service = await startService(t, { variables: { STOREFRONT: 'false' } })
const { host } = new URL(service.url)
const user = await service.signUp()
const before = await countRows(service.connectionString)

const send = (...parts: Array<string | Buffer>) => sendRaw(service.url, ...parts)
const requestLine = (line: string, ...headers: string[]) => [line, `Host: ${host}`, 'Connection: close', ...headers, '', ''].join('\r\n')
const signupWith = (...headers: string[]) => requestLine('POST /api/signup HTTP/1.1', 'Content-Type: application/json', ...headers)
const json = JSON.stringify({ email: 'raw@example.com', password: 'correct horse battery' })

t.test('a request that is sent raw and well is taken, so that the bad ones below fail for their reason', async t => {
  const answer = await send(signupWith(`Content-Length: ${json.length}`), json)
  t.equal(answer.status, 201)
  before.users++
  before.leads++
})

t.test('what is no HTTP', async t => {
  for (const bytes of [
    'hello\r\n\r\n', 'GET\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'get / HTTP/1.1\r\n\r\n', Buffer.from([0, 1, 2, 3, 13, 10, 13, 10]), '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    requestLine('GET /health/live HTTP/1.1', 'no colon'), requestLine('GET /health/live HTTP/1.1', 'x: a\u0000b'), requestLine('GET /health/live HTTP/1.1', 'x\u0000y: a'),
    requestLine('GET /health\u0000/live HTTP/1.1'), requestLine('GET /health live HTTP/1.1'), requestLine('GET /health/live HTTP/1.1', `x: ${'a'.repeat(20_000)}`)
  ]) {
    matchError(t, await send(bytes), 'INVALID_REQUEST', 'This is not a well-formed HTTP request.')
  }
})

t.test('headers that disagree about the body', async t => {
  for (const headers of [['Content-Length: abc'], ['Content-Length: -1'], ['Content-Length: 1', 'Content-Length: 2'], [`Content-Length: ${json.length}`, 'Transfer-Encoding: chunked'], ['Transfer-Encoding: gzip']]) {
    matchError(t, await send(signupWith(...headers), json), 'INVALID_REQUEST', 'This is not a well-formed HTTP request.')
  }
  matchError(t, await send(signupWith('Transfer-Encoding: chunked'), 'zz\r\nabc\r\n0\r\n\r\n'), 'INVALID_REQUEST', /./)
})

t.test('a body that is too large is refused by its announced length, and when it comes in chunks', async t => {
  matchError(t, await send(signupWith('Content-Length: 1000000000')), 'BODY_TOO_LARGE')
  matchError(t, await send(signupWith('Transfer-Encoding: chunked'), '5000\r\n', 'x'.repeat(0x5000), '\r\n0\r\n\r\n'), 'BODY_TOO_LARGE')
})

t.test('cookies of every kind', async t => {
  const body = JSON.stringify({ priceId: 'price_sandbox_onetime', mode: 'payment' })
  for (const cookie of ['session', 'session=', 'session=%00', 'session=%zz', `session=${'x'.repeat(8_000)}`, '=', ';;;', '__proto__=1; session=__proto__', 'session=\xff\xfe', 'session=a; session=b', 'session="a']) {
    const answer = await send(requestLine('POST /api/checkout HTTP/1.1', 'Content-Type: application/json', `Cookie: ${cookie}`, `Content-Length: ${body.length}`), body)
    matchError(t, answer, 'UNAUTHORIZED')
  }
})

t.test('tokens of every kind', async t => {
  for (const value of ['Bearer \xff\xfe', `Bearer ${'x'.repeat(8_000)}`, 'Bearer %00', 'Bearer __proto__', `Bearer ${user.accessToken}\xff`]) {
    matchError(t, await send(requestLine('POST /api/checkout HTTP/1.1', `Authorization: ${value}`)), 'UNAUTHORIZED')
    matchError(t, await send(requestLine('GET /api/tracking/summary HTTP/1.1', `Authorization: ${value}`)), 'OPERATOR_ONLY')
  }
})

t.test('addresses with broken escapes', async t => {
  for (const path of ['/%', '/%zz', '/%ff', '/api/%c0%ae%c0%ae', '/api/tracking/events/%', '/api/tracking/events/%ff', '/api/tracking/customers/%ff', '/webhooks/%E0%A4stripe', '/docs/%zz']) {
    matchError(t, await send(requestLine(`GET ${path} HTTP/1.1`)), 'INVALID_REQUEST', /is not a valid url component/)
  }
})

t.test('routes that do not exist', async t => {
  for (const path of [
    '/', '/api', '/api/', '/api/signups', '/api/signup/', '/API/SIGNUP', '//api/signup', '/api/signup/%00', '/api/../etc/passwd', '/api/tracking', '/api/tracking/events/1/x', '/webhooks', '/webhooks/stripe/',
    '/__proto__', '/constructor', '/docs/../package.json', '/docs/static/..%2f..%2fpackage.json', '/docs/static/nothing.js',
    ...['', '/', '/.', '/x.js/..', '/..', '/%2e%2e'].map(way => `/assets/lib/fastify-affitor-client${way}/package.json`), '/assets/../package.json', '/assets/..%2fpackage.json', '/assets/..%5cpackage.json', '/assets/lib/uplot/../../../.env',
    '/.env', '*', '?', '/%00', `/${'x'.repeat(5_000)}`, `/api/tracking/events/${'1'.repeat(1_000)}/nowhere`
  ]) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await send(requestLine(`${method} ${path} HTTP/1.1`))
      // Of files, any address is one that may be read.
      const codes = { 400: 'INVALID_REQUEST', 404: 'NOT_FOUND', ...method !== 'GET' && { 405: 'METHOD_NOT_ALLOWED' } } as Record<number, ErrorCode | undefined>
      matchError(t, answer, codes[answer.status] ?? 'NOT_FOUND', /\w/, `${method} ${path.slice(0, 50)}`)
    }
  }
})

t.test('methods that a route does not have', async t => {
  for (const [allowed, path] of [['POST', '/api/signup'], ['POST', '/api/login'], ['POST', '/api/checkout'], ['POST', '/webhooks/stripe'], ['GET, HEAD', '/health/ready'], ['GET, HEAD', '/openapi.json']] as const) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      if (allowed.startsWith(method)) continue
      matchError(t, await send(requestLine(`${method} ${path} HTTP/1.1`)), 'METHOD_NOT_ALLOWED', `${path} takes no ${method}. It takes: ${allowed}.`)
    }
  }
})

t.test('what never reaches a route is answered with the security headers too', async t => {
  const own = ['content-length', 'content-type', 'connection', 'date', 'keep-alive', 'vary', 'x-request-id']
  const names = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => !own.includes(name)))
  const expected = names((await send(requestLine('GET /nowhere HTTP/1.1'))).headers)
  t.match(expected, { 'content-security-policy': /default-src 'self'/, 'x-content-type-options': 'nosniff' })
  for (const bytes of [requestLine('GET /%zz HTTP/1.1'), requestLine(`GET /api/tracking/events/${'1'.repeat(1_000)} HTTP/1.1`), 'hello\r\n\r\n', signupWith('Content-Length: abc')]) {
    t.same(names((await send(bytes)).headers), expected, bytes.slice(0, 40))
  }
})

t.test('nothing of all this was stored, and the service serves', async t => {
  t.same(await countRows(service.connectionString), before)
  t.equal((await service.request('GET', '/health/ready')).status, 200)
})
