import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { SESSION_COOKIE } from '../../src/service/plugins/auth.js'
import { startDatabaseProxy } from '../helpers/database-proxy.js'
import { createTestDatabase } from '../helpers/database.js'
import { startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'
import { startStripe } from '../helpers/stripe.js'

/** Longest that a page waits for Stripe, with what a busy test machine adds. */
const SOON_MS = 3_000

interface OpenedPage { status: number, headers: Headers, html: string, ms: number }

async function open (service: Service, path: string, cookie = ''): Promise<OpenedPage> {
  const start = performance.now()
  const response = await fetch(service.url + path, { headers: { cookie } })
  return { status: response.status, headers: response.headers, html: await response.text(), ms: performance.now() - start }
}

const titleOf = ({ html }: OpenedPage): string | undefined => /<h1>(.*?)<\/h1>/.exec(html)?.[1]

t.test('every page carries Affitor\'s tag as documented, and headers that let nothing else in', async t => {
  const service = await startService(t)
  const tag = `<script src="${service.affitor.url}/js/affitor-tracker.js" data-affitor-program-id="42" defer></script>`
  for (const path of ['/', '/?aff=TESTCODE', '/checkout/success', '/checkout/cancel']) {
    const { status, headers, html } = await open(service, path)
    t.equal(status, 200, path)
    t.match(headers.get('content-type'), /^text\/html/, path)
    t.equal(headers.get('cache-control'), 'no-store', path)
    t.equal(html.split(tag).length, 2, `${path} has the tag once`)
    const policy = headers.get('content-security-policy') ?? ''
    t.match(policy, new RegExp(`script-src 'self' 'sha256-[^']+' ${service.affitor.url};`), path)
    t.match(policy, new RegExp(`connect-src 'self' ${service.affitor.url}(;|$)`), path)
    t.notMatch(policy, /unsafe-inline|upgrade-insecure-requests/, path)
    t.notMatch(html, /\sstyle=|\son\w+=|<script(?![^>]*\b(src|type="importmap"))/, `${path} has nothing that the policy would block`)
    t.notMatch(html, /Sandbox/, `${path}: real accounts are no sandbox`)
  }
})

t.test('the pages are no part of the API', async t => {
  const service = await startService(t)
  const { body } = await service.request<{ paths: object }>('GET', '/openapi.json')
  t.same(Object.keys(body.paths).filter(path => path === '/' || path.startsWith('/checkout')), [])
})

t.test('the storefront can be turned off', async t => {
  const service = await startService(t, { variables: { STOREFRONT: 'false' } })
  for (const path of ['/', '/checkout/success', '/checkout/cancel']) t.match(await service.request('GET', path), { status: 404, body: { code: 'NOT_FOUND' } }, path)
})

t.test('amounts and intervals are in words of people', async t => {
  const stripe = await startStripe(t, {
    prices: [
      { id: 'price_yen', unitAmount: 4900, currency: 'jpy', productName: 'Map' },
      { id: 'price_quarterly', unitAmount: 1950, currency: 'eur', productName: 'Atlas', interval: 'month', intervalCount: 3 }
    ]
  })
  const { html } = await open(await startService(t, { stripe }), '/')
  t.match(html, /¥4,900<\/strong> <span[^>]*>one payment</)
  t.match(html, /€19\.50<\/strong> <span[^>]*>every 3 months</)
})

t.test('what Stripe says is text, whatever it is', async t => {
  const hostile = '"><img src=x onerror=alert(1)></script>'
  const stripe = await startStripe(t, { prices: [{ id: 'price_hostile', unitAmount: 100, currency: 'usd', productName: hostile }] })
  for (const product of stripe.sandbox.stripe.state.products.values()) {
    Object.assign(product, { description: hostile, marketing_features: [{ name: hostile }] })
  }
  const { html } = await open(await startService(t, { stripe }), '/')
  t.match(html, /&#60;img src/)
  t.notMatch(html, /<img src=x/)
})

t.test('without Stripe the page says so, and the rest of it works', async t => {
  const service = await startService(t, { variables: { STRIPE_API_URL: 'http://127.0.0.1:9' } })
  const page = await open(service, '/')
  t.equal(page.status, 200)
  t.match(page.html, /Stripe, which does not answer at the moment/)
  t.match(page.html, /<form id="signup"/)
  t.equal(titleOf(await open(service, '/checkout/success?session_id=cs_test_1')), 'Thank you')
})

t.test('a Stripe that does not answer holds no page up', async t => {
  const sockets = new Set<Socket>()
  const silent = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => {
    silent.close()
    for (const socket of sockets) socket.destroy()
  })
  const service = await startService(t, { variables: { STRIPE_API_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` } })
  for (const path of ['/', '/checkout/success?session_id=cs_test_1']) {
    const { status, ms } = await open(service, path)
    t.equal(status, 200, path)
    t.ok(ms < SOON_MS, `${path} took ${Math.round(ms)} ms`)
  }
})

t.test('an account without prices sells nothing', async t => {
  const service = await startService(t, { variables: { CHECKOUT_PRICE_IDS: 'price_gone' } })
  t.match((await open(service, '/')).html, /Nothing is on sale yet/)
})

t.test('who is signed in is greeted, and nobody else', async t => {
  const service = await startService(t)
  const { email, accessToken } = await service.signUp()
  const signedIn = await open(service, '/', `${SESSION_COOKIE}=${accessToken}`)
  t.match(signedIn.html, `<strong id="session-email">${email}</strong>`)
  t.match(signedIn.html, /<section id="account"[^>]* hidden>/)
  const stranger = service.app.jwt.sign({ sub: '0b0e3f0e-6a43-4f2c-9a34-6a3f1f0d8a11' })
  for (const token of ['', 'nonsense', accessToken.slice(0, -3), stranger]) {
    const page = await open(service, '/', `${SESSION_COOKIE}=${token}`)
    t.equal(page.status, 200)
    t.match(page.html, '<strong id="session-email"></strong>')
    t.match(page.html, /<div id="session"[^>]* hidden>/)
  }
})

t.test('the page after paying tells what became of the payment, and nothing of the buyer', async t => {
  const service = await startService(t)
  const { email, accessToken } = await service.signUp()
  const pay = async (body?: object) => {
    const id = await service.checkOut(accessToken)
    if (body !== undefined) await service.stripe.control('POST', `/checkout/sessions/${id}/pay`, body)
    return await open(service, `/checkout/success?session_id=${id}`, `${SESSION_COOKIE}=${accessToken}`)
  }
  const paid = await pay({})
  t.equal(titleOf(paid), 'Payment received')
  t.notMatch(paid.html, email)
  t.equal(titleOf(await pay({ discount_percent: 100 })), 'You are all set')
  const debit = await pay({ method: 'bank_debit' })
  t.equal(titleOf(debit), 'Your payment is on its way')
  t.match(debit.html, /bank debits take days to clear/i)
  t.equal(titleOf(await pay()), 'Thank you', 'not paid yet')
  for (const query of ['', '?session_id=', '?session_id=cs_test_nobody', '?session_id=../prices', '?session_id=cs_1&session_id=cs_2', `?session_id=cs_${'x'.repeat(999)}`]) {
    const page = await open(service, `/checkout/success${query}`)
    t.equal(page.status, 200, query)
    t.equal(titleOf(page), 'Thank you', query)
  }
})

t.test('who turned back is told that nothing was charged', async t => {
  const page = await open(await startService(t), '/checkout/cancel')
  t.equal(titleOf(page), 'Nothing was charged')
  t.match(page.html, /href="\/#products"/)
})

t.test('behind a path every link and file begins with it', async t => {
  const service = await startService(t, { variables: { PUBLIC_URL: 'https://example.com/shop/api' } })
  for (const path of ['/', '/checkout/success', '/checkout/cancel']) {
    const { html } = await open(service, path)
    const addresses = [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address = '']) => address)
    t.same(addresses.filter(address => !/^(\/shop\/api\/|#)/.test(address)), [`${service.affitor.url}/js/affitor-tracker.js`], path)
    t.match(html, '<body data-base-path="/shop/api">')
  }
})

t.test('while the database is away the store is open all the same', async t => {
  const database = await startDatabaseProxy(t, (await createTestDatabase(t)).connectionString)
  const service = await startService(t, { connectionString: database.connectionString })
  const { accessToken, email } = await service.signUp()
  const cookie = `${SESSION_COOKIE}=${accessToken}`
  t.match((await open(service, '/', cookie)).html, email)
  await database.cut()
  const { status, html } = await open(service, '/', cookie)
  t.equal(status, 200)
  t.match(html, /Lifetime licence/)
  await database.restore()
})

t.test('nobody makes us ask Stripe without end', async t => {
  const service = await startService(t)
  const statuses: number[] = []
  for (let i = 0; i < 31; i++) statuses.push((await open(service, `/checkout/success?session_id=cs_test_${i}`)).status)
  t.same(new Set(statuses.slice(0, 30)), new Set([200]))
  t.equal(statuses.at(-1), 429)
})
