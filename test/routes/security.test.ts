import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { startStripe } from '../helpers/stripe.js'

interface Answer { headers?: object }
interface Operation { parameters?: Array<{ in: string, name: string }>, responses: Record<string, Answer> }
interface Document { paths: Record<string, Record<string, Operation>>, components: { responses: Record<string, Answer> } }

const OURS = 'https://app.shop.example'
const closed = await startService(t)
const shared = { affitor: closed.affitor, connectionString: closed.connectionString }
const open = await startService(t, { ...shared, stripe: closed.stripe, variables: { CORS_ORIGINS: `${OURS}, https://www.shop.example` } })
const user = await open.signUp()

const preflight = (service: typeof open, origin: string) => fetch(`${service.url}/api/checkout`, {
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type,idempotency-key' }
})
const corsHeaders = (headers: Headers) => [...headers.keys()].filter(name => name.startsWith('access-control-'))

t.test('answers of every kind carry the security headers', async t => {
  for (const [method, path] of [['GET', '/health/live'], ['POST', '/api/signup'], ['GET', '/nowhere'], ['GET', '/docs'], ['POST', '/webhooks/stripe']] as const) {
    const { headers } = await fetch(closed.url + path, { method })
    t.match(headers.get('content-security-policy'), /default-src 'self'/, `${method} ${path}`)
    t.equal(headers.get('x-content-type-options'), 'nosniff', `${method} ${path}`)
    t.equal(headers.get('x-frame-options'), 'SAMEORIGIN', `${method} ${path}`)
    t.equal(headers.get('referrer-policy'), 'no-referrer', `${method} ${path}`)
    t.equal(headers.get('cross-origin-resource-policy'), 'same-origin', `${method} ${path}`)
    t.notOk(headers.has('x-powered-by'), `${method} ${path}`)
  }
})

t.test('browsers are kept on HTTPS where the service has it, and only there', async t => {
  t.notOk((await closed.request('GET', '/health/live')).headers.has('strict-transport-security'))
  const https = await startService(t, { ...shared, stripe: await startStripe(t), variables: { PUBLIC_URL: 'https://api.shop.example' } })
  const { headers } = await https.request('GET', '/health/live')
  t.match(headers.get('strict-transport-security'), /max-age=\d{8}/)
  t.match(headers.get('content-security-policy'), /upgrade-insecure-requests/)
})

t.test('by default no other origin may call', async t => {
  const { headers } = await closed.request('GET', '/health/live', undefined, { origin: OURS })
  t.same(corsHeaders(headers), [])
  const asked = await preflight(closed, OURS)
  t.same(corsHeaders(asked.headers), [])
  t.equal(asked.status, 405)
})

t.test('a configured origin may call with the user\'s cookie', async t => {
  for (const origin of [OURS, 'https://www.shop.example']) {
    const asked = await preflight(open, origin)
    t.equal(asked.status, 204)
    t.equal(asked.headers.get('access-control-allow-origin'), origin)
    t.equal(asked.headers.get('access-control-allow-credentials'), 'true')
    t.match(asked.headers.get('access-control-allow-methods'), /\bPOST\b/)
    t.match(asked.headers.get('access-control-allow-headers'), /authorization, ?content-type, ?idempotency-key/i)

    const order = { priceId: 'price_sandbox_onetime', mode: 'payment' }
    const { status, headers } = await open.request('POST', '/api/checkout', order, { origin, cookie: `session=${user.accessToken}` })
    t.equal(status, 201)
    t.equal(headers.get('access-control-allow-origin'), origin)
    t.match(headers.get('vary'), /\bOrigin\b/i, 'caches keep the answers of two origins apart')
  }
})

t.test('a page of a configured origin may send and read every header that the document has', async t => {
  const { paths, components } = (await open.request<Document>('GET', '/openapi.json')).body
  const operations = Object.values(paths).flatMap(item => Object.values(item))
  const sent = operations.flatMap(({ parameters = [] }) => parameters.filter(parameter => parameter.in === 'header').map(({ name }) => name))
  const received = [...operations.flatMap(({ responses }) => Object.values(responses)), ...Object.values(components.responses)].flatMap(({ headers = {} }) => Object.keys(headers))
  const asked = await preflight(open, OURS)
  const { headers } = await open.request('GET', '/health/live', undefined, { origin: OURS })
  const names = (list: string | null) => (list ?? '').toLowerCase().split(/, ?/)
  // Stripe alone signs, and it is no page.
  const notForPages = ['stripe-signature']
  t.same([...sent, 'if-none-match'].filter(name => ![...names(asked.headers.get('access-control-allow-headers')), ...notForPages].includes(name.toLowerCase())), [])
  t.same(received.filter(name => !names(headers.get('access-control-expose-headers')).includes(name.toLowerCase())), [])
})

t.test('a configured origin can read error answers too', async t => {
  const answer = await open.request('POST', '/api/login', {}, { origin: OURS })
  matchError(t, answer, 'INVALID_REQUEST', /^body /)
  t.equal(answer.headers.get('access-control-allow-origin'), OURS)
})

t.test('other origins stay out, however alike', async t => {
  for (const origin of ['https://evil.example', `${OURS}.evil.example`, 'https://evil.app.shop.example', 'http://app.shop.example', `${OURS}:8443`, 'null']) {
    t.notOk((await preflight(open, origin)).headers.has('access-control-allow-origin'), origin)
    t.notOk((await open.request('GET', '/health/live', undefined, { origin })).headers.has('access-control-allow-origin'), origin)
  }
})
