import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import type { OpenAPIV3_1 } from 'openapi-types'
import t from 'tap'
import { proofsOf } from '../helpers/contract.js'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { countRows } from '../helpers/sql.js'

const PARTNER = 'https://app.shop.example'
const SIBLING = 'https://blog.shop.example'
const service = await startService(t, { variables: { CORS_ORIGINS: PARTNER, PUBLIC_URL: 'https://api.shop.example' } })
const ada = await service.signUp()
const cookie = `session=${ada.accessToken}`
const order = { priceId: 'price_sandbox_onetime', mode: 'payment' }
const { host } = new URL(service.url)

type Headers = Record<string, string>

/** As a browser sends it; `fetch` would not let these headers through. */
async function send (method: string, path: string, headers: Headers, body?: object) {
  const text = body === undefined ? '' : JSON.stringify(body)
  const request = httpRequest(`${service.url}${path}`, {
    method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), 'content-length': Buffer.byteLength(text), ...headers }
  }).end(text)
  const [response] = await once(request, 'response') as [import('node:http').IncomingMessage]
  let answer = ''
  for await (const chunk of response.setEncoding('utf8')) answer += chunk
  return {
    status: response.statusCode ?? 0,
    headers: new Headers(Object.entries(response.headers).flatMap(([name, value]) => value === undefined ? [] : [[name, String(value)] as [string, string]])),
    body: answer === '' ? null : JSON.parse(answer) as Record<string, unknown>
  }
}

/** What browsers say of a page that is not one of ours. */
const foreign: Record<string, Headers> = {
  'a sibling': { origin: SIBLING, 'sec-fetch-site': 'same-site' },
  'a sibling, by a browser that says no more': { origin: SIBLING },
  'a sibling without an origin': { 'sec-fetch-site': 'same-site' },
  'another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  'another site without an origin': { 'sec-fetch-site': 'cross-site' },
  'a page without an origin of its own': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'the same, by a browser that says no more': { origin: 'null' },
  'our host with another port': { origin: 'http://127.0.0.1:1' },
  'our host at the beginning': { origin: `http://${host}.evil.example` },
  'what is no origin': { origin: 'shop' },
  'a word that no browser says': { 'sec-fetch-site': 'Same-Origin-ish' },
  'a configured origin at the beginning': { origin: `${PARTNER}.evil.example` }
}
const own: Record<string, Headers> = {
  'our page': { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' },
  'our page, by a browser that says no more': { origin: `http://${host}` },
  'our page behind a proxy that changes Host': { origin: 'https://api.shop.example' },
  'our page, when it has no origin to tell': { origin: 'null', 'sec-fetch-site': 'same-origin' },
  'the visitor': { 'sec-fetch-site': 'none' },
  'a configured sibling': { origin: PARTNER, 'sec-fetch-site': 'same-site' },
  'a configured origin, by a browser that says no more': { origin: PARTNER },
  'no browser': {}
}

for (const [who, headers] of Object.entries(foreign)) {
  t.test(`with the user's cookie nothing is done for ${who}`, async t => {
    const sessions = service.stripe.sandbox.stripe.state.sessions.size
    const logout = await send('POST', '/api/logout', { ...headers, cookie })
    matchError(t, logout, 'CROSS_ORIGIN')
    t.notOk(logout.headers.has('set-cookie'), 'the visitor stays logged in')
    matchError(t, await send('POST', '/api/checkout', { ...headers, cookie }, order), 'CROSS_ORIGIN')
    matchError(t, await send('POST', '/api/checkout', { ...headers, cookie, authorization: `Bearer ${ada.accessToken}` }, order), 'CROSS_ORIGIN')
    t.equal(service.stripe.sandbox.stripe.state.sessions.size, sessions)
  })

  t.test(`nor is a visitor logged in as somebody else by ${who}`, async t => {
    const before = await countRows(service.connectionString)
    for (const path of ['/api/login', '/api/signup']) {
      const answer = await send('POST', path, headers, { email: ada.email, password: 'correct horse battery' })
      matchError(t, answer, 'CROSS_ORIGIN')
      t.notOk(answer.headers.has('set-cookie'))
    }
    t.same(await countRows(service.connectionString), before)
  })

  t.test(`who sends a token and no cookie is let in, also for ${who}`, async t => {
    t.equal((await send('POST', '/api/checkout', { ...headers, authorization: `Bearer ${ada.accessToken}` }, order)).status, 201)
    const retry = await send('POST', '/api/tracking/events/999999/retry', { ...headers, authorization: `Bearer ${ADMIN_TOKEN}` })
    matchError(t, retry, 'NOT_FOUND', /999999/)
  })

  t.test(`what only reads is let through, also for ${who}`, async t => {
    t.equal((await send('GET', '/health/ready', { ...headers, cookie })).status, 200)
    matchError(t, await send('POST', '/webhooks/stripe', headers), 'INVALID_SIGNATURE', /^Webhook Error: /)
    matchError(t, await send('POST', '/nowhere', { ...headers, cookie }), 'NOT_FOUND', /There is no POST \/nowhere/)
  })
}

for (const [who, headers] of Object.entries(own)) {
  t.test(`with the user's cookie all is done for ${who}`, async t => {
    t.equal((await send('POST', '/api/checkout', { ...headers, cookie }, order)).status, 201)
    t.equal((await send('POST', '/api/login', headers, { email: ada.email, password: 'correct horse battery' })).status, 200)
    const logout = await send('POST', '/api/logout', { ...headers, cookie })
    t.equal(logout.status, 204)
    t.match(logout.headers.get('set-cookie'), /^session=;/)
  })
}

t.test('every operation that changes something refuses a sibling with the cookie, and the document says so', async t => {
  const document = service.app.swagger() as OpenAPIV3_1.Document
  const changing = Object.entries(document.paths ?? {}).flatMap(([path, item]) => Object.entries(item ?? {})
    .filter(([method, operation]) => method !== 'get' && !proofsOf(operation as OpenAPIV3_1.OperationObject).includes('stripeSignature'))
    .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation: operation as OpenAPIV3_1.OperationObject })))
  t.ok(changing.length >= 6)
  const before = await countRows(service.connectionString)
  for (const { method, path, operation } of changing) {
    const address = path.replaceAll(/\{\w+\}/g, '1')
    const answer = await send(method, address, { origin: SIBLING, 'sec-fetch-site': 'same-site', cookie, authorization: `Bearer ${ADMIN_TOKEN}` })
    matchError(t, answer, 'CROSS_ORIGIN', undefined, `${method} ${path}`)
    t.ok(operation.responses?.['403'], `${method} ${path}`)
  }
  t.same(await countRows(service.connectionString), before)
})
