import t from 'tap'
import { startService } from '../helpers/service.js'

const service = await startService(t)
const order = { priceId: 'price_sandbox_onetime', mode: 'payment' }

/** A browser's only cookie after an answer, as the next request would send it. */
const cookieAfter = (headers: Headers) => headers.getSetCookie()[0]?.split(';')[0] ?? ''

t.test('logging out takes the cookie from the browser', async t => {
  const signup = await service.request('POST', '/api/signup', { email: 'ada@example.com', password: 'correct horse battery' })
  const cookie = cookieAfter(signup.headers)
  t.equal((await service.request('POST', '/api/checkout', order, { cookie })).status, 201)

  const { status, body, headers } = await service.request('POST', '/api/logout', undefined, { cookie })
  t.equal(status, 204)
  t.equal(body, null)
  const [written = ''] = headers.getSetCookie()
  t.match(written, /^session=;/)
  t.match(written, /; Expires=Thu, 01 Jan 1970/, 'the browser drops it at once')
  t.match(written, /; Path=\/(;|$)/, 'the same path that it was set with')
  t.match(await service.request('POST', '/api/checkout', order, { cookie: cookieAfter(headers) }), { status: 401, body: { code: 'UNAUTHORIZED' } })
})

t.test('whoever is not logged in may log out, and a broken session can be left', async t => {
  t.equal((await service.request('POST', '/api/logout')).status, 204)
  t.equal((await service.request('POST', '/api/logout', undefined, { cookie: 'session=not.a.token' })).status, 204)
})

t.test('a form of another site cannot log anyone out', async t => {
  const answer = await service.request('POST', '/api/logout', '', { 'content-type': 'application/x-www-form-urlencoded' })
  t.match(answer, { status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } })
  t.notOk(answer.headers.has('set-cookie'))
})
