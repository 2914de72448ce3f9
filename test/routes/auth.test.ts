import { createHmac } from 'node:crypto'
import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, SESSION_SECRET, startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { startStripe } from '../helpers/stripe.js'

const service = await startService(t)
const ada = await service.signUp()
const NOW = Math.floor(Date.now() / 1000)
const HOURS = 3600

/** A token made by hand, as an attacker would. */
function token (payload: object, { secret = SESSION_SECRET, alg = 'HS256', hash = 'sha256' } = {}): string {
  const text = [{ alg, typ: 'JWT' }, payload].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${alg === 'none' ? '' : createHmac(hash, secret).update(text).digest('base64url')}`
}

const checkOut = (headers: Record<string, string>) =>
  service.request<{ sessionId: string }>('POST', '/api/checkout', { priceId: 'price_sandbox_onetime', mode: 'payment' }, headers)
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })

t.test('a token made by hand in the right way is taken, so that the wrong ones below fail for their reason', async t => {
  t.equal((await checkOut(bearer(token({ sub: ada.userId, iat: NOW, exp: NOW + 60 })))).status, 201)
})

/** What PostgreSQL cannot keep as a text, and what is none. */
const UNSTORABLE = ['a\u0000b', '\u0000', 'a\ud800b', '\udc00', '', 'x'.repeat(5_000), 42, true, null, {}, ['x'], { sub: 'x' }]

const wrong: Record<string, Record<string, string>> = {
  'no token': {},
  'an empty one': { authorization: '' },
  'a scheme without a token': { authorization: 'Bearer' },
  'another scheme': { authorization: `Basic ${ada.accessToken}` },
  'a bare token': { authorization: ada.accessToken },
  'two tokens': { authorization: `Bearer ${ada.accessToken} ${ada.accessToken}` },
  'no JWT': bearer('abc'),
  'dots only': bearer('..'),
  'parts that are no JSON': bearer('YQ.YQ.YQ'),
  'a changed payload': bearer(ada.accessToken.replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify({ sub: 'x' })).toString('base64url')}.`)),
  'a signature cut short': bearer(ada.accessToken.slice(0, -2)),
  'an expired token': bearer(token({ sub: ada.userId, iat: NOW - 13 * HOURS, exp: NOW - 1 })),
  'alg none': bearer(token({ sub: ada.userId, iat: NOW, exp: NOW + 60 }, { alg: 'none' })),
  'another algorithm with our secret': bearer(token({ sub: ada.userId, iat: NOW, exp: NOW + 60 }, { alg: 'HS512', hash: 'sha512' })),
  'another secret': bearer(token({ sub: ada.userId, iat: NOW, exp: NOW + 60 }, { secret: 'x'.repeat(32) })),
  'a user who never was': bearer(token({ sub: '00000000-0000-4000-8000-000000000000', iat: NOW, exp: NOW + 60 })),
  'no user': bearer(token({ iat: NOW, exp: NOW + 60 })),
  ...Object.fromEntries(UNSTORABLE.map(sub => [`a user who cannot be: ${JSON.stringify(sub)}`.slice(0, 60), bearer(token({ sub, iat: NOW, exp: NOW + 60 }))])),
  'a cookie of a user who cannot be': { cookie: `session=${token({ sub: 'a\u0000b', iat: NOW, exp: NOW + 60 })}` },
  'a cookie that is no token': { cookie: 'session=abc' },
  'an expired cookie': { cookie: `session=${token({ sub: ada.userId, iat: NOW - 13 * HOURS, exp: NOW - 1 })}` },
  'another cookie': { cookie: `token=${ada.accessToken}` }
}
for (const [title, headers] of Object.entries(wrong)) {
  t.test(`checkout refuses ${title}`, async t => {
    const sessions = service.stripe.sandbox.stripe.state.sessions.size
    matchError(t, await checkOut(headers), 'UNAUTHORIZED')
    t.equal(service.stripe.sandbox.stripe.state.sessions.size, sessions)
  })
}

t.test('who is not let in learns nothing about the body', async t => {
  matchError(t, await service.request('POST', '/api/checkout', { nonsense: true }), 'UNAUTHORIZED')
  matchError(t, await service.request('POST', '/api/checkout', '{', { 'content-type': 'application/json' }), 'UNAUTHORIZED')
})

t.test('a token ends with its user', async t => {
  const { userId, accessToken } = await service.signUp()
  t.equal((await checkOut(bearer(accessToken))).status, 201)
  await query(service.connectionString, 'delete from users where id = $1', [userId])
  matchError(t, await checkOut(bearer(accessToken)), 'UNAUTHORIZED')
})

t.test('each token acts for its own user', async t => {
  const eve = await service.signUp()
  for (const { accessToken, userId } of [ada, eve]) {
    const { sessionId } = (await checkOut(bearer(accessToken))).body
    t.equal(service.stripe.sandbox.stripe.state.sessions.get(sessionId)?.client_reference_id, userId)
  }
})

t.test('a token says who and until when, nothing else', async t => {
  const claims = JSON.parse(Buffer.from(ada.accessToken.split('.')[1] ?? '', 'base64url').toString())
  t.same(Object.keys(claims).sort(), ['exp', 'iat', 'sub'])
  t.equal(claims.sub, ada.userId)
  t.equal(claims.exp - claims.iat, 12 * HOURS)
})

const setCookie = async (from: Service, path: string, email: string) =>
  (await from.request('POST', path, { email, password: 'correct horse battery' })).headers.get('set-cookie') ?? ''

t.test('signup and login set a cookie that lets in as the token does', async t => {
  for (const path of ['/api/signup', '/api/login']) {
    const cookie = await setCookie(service, path, 'browser@example.com')
    const [pair, ...attributes] = cookie.split('; ')
    t.match(pair, /^session=[\w-]+\.[\w-]+\.[\w-]+$/)
    t.same(attributes.sort(), ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax'], path)
    t.equal((await checkOut({ cookie: `other=1; ${pair}` })).status, 201, path)
  }
})

t.test('the Bearer token goes before the cookie, also when it is wrong', async t => {
  const eve = await service.signUp()
  const { sessionId } = (await checkOut({ ...bearer(ada.accessToken), cookie: `session=${eve.accessToken}` })).body
  t.equal(service.stripe.sandbox.stripe.state.sessions.get(sessionId)?.client_reference_id, ada.userId)
  matchError(t, await checkOut({ ...bearer('abc'), cookie: `session=${eve.accessToken}` }), 'UNAUTHORIZED')
})

t.test('in production the cookie goes over HTTPS only, and no other host can set it', async t => {
  const production = await startService(t, {
    connectionString: service.connectionString,
    affitor: service.affitor,
    stripe: await startStripe(t, { secretKey: 'sk_test_0123456789', webhookSecret: 'whsec_0123456789' }),
    variables: {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://api.shop.example',
      CHECKOUT_SUCCESS_URL: 'https://shop.example/thanks',
      CHECKOUT_CANCEL_URL: 'https://shop.example/pricing'
    }
  })
  const cookie = await setCookie(production, '/api/signup', 'production@example.com')
  const [pair = '', ...attributes] = cookie.split('; ')
  t.match(pair, /^__Host-session=[\w-]+\.[\w-]+\.[\w-]+$/)
  t.same(attributes.sort(), ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax', 'Secure'])

  const order = { priceId: 'price_sandbox_onetime', mode: 'payment' }
  t.equal((await production.request('POST', '/api/checkout', order, { cookie: pair })).status, 201)
  matchError(t, await production.request('POST', '/api/checkout', order, { cookie: pair.replace('__Host-', '') }), 'UNAUTHORIZED')
  const { headers } = await production.request('POST', '/api/logout', undefined, { cookie: pair })
  t.match(headers.get('set-cookie'), /^__Host-session=; Max-Age=0; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/)
  const { body } = await production.request<{ components: object }>('GET', '/openapi.json')
  t.match(body.components, { securitySchemes: { sessionCookie: { name: '__Host-session' } } })
})

t.test('the scheme may be written in any case of letters', async t => {
  t.equal((await checkOut({ authorization: `bearer ${ada.accessToken}` })).status, 201)
  t.equal((await service.request('GET', '/api/tracking/summary', undefined, { authorization: `bearer ${ADMIN_TOKEN}` })).status, 200)
})
