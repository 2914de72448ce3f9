import t from 'tap'
import type { Test } from 'tap'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { once } from 'node:events'
import DefaultExport, { Affitor, AffitorApiError } from '@affitor/sdk/server'

interface Received { method: string | undefined, url: string | undefined, headers: IncomingHttpHeaders, body: unknown }

async function listen (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  }))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}`
}

/** A server that gives one answer to everything, and keeps what it was sent. */
async function answering (t: Test, status = 200, body = '{"success":true}'): Promise<{ affitor: Affitor, url: string, received: Received[] }> {
  const received: Received[] = []
  const url = await listen(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ method: request.method, url: request.url, headers: request.headers, body: chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString()) })
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  return { affitor: new Affitor({ apiKey: 'key_1', apiUrl: url }), url, received }
}

t.test('the class is the named and the default export', async (t) => {
  t.equal(DefaultExport, Affitor)
})

t.test('trackLead sends the documented fields', async (t) => {
  const { affitor, received } = await answering(t, 200, '{"success":true,"message":"Lead tracked successfully"}')
  const result = await affitor.trackLead({
    customerExternalId: 'user_1', clickId: 'cust_1_2', email: 'a@example.com', eventName: 'signup', additionalData: { plan: 'pro', note: null }
  })
  t.same(result, { ok: true, status: 200, data: { success: true, message: 'Lead tracked successfully' } })
  const sent = received[0]
  t.equal(sent?.method, 'POST')
  t.equal(sent?.url, '/api/v1/track/lead')
  t.equal(sent?.headers.authorization, 'Bearer key_1')
  t.match(sent?.headers['content-type'], /^application\/json/)
  t.strictSame(sent?.body, {
    click_id: 'cust_1_2', customer_key: 'user_1', email: 'a@example.com', additional_data: { plan: 'pro', note: null, event_name: 'signup' }
  })
})

t.test('trackSale sends the documented fields', async (t) => {
  const { affitor, received } = await answering(t, 200, '{"success":true,"sale_id":1,"commission_id":2}')
  const result = await affitor.trackSale({
    customerExternalId: 'user_1',
    clickId: 'cust_1_2',
    amount: 4900,
    invoiceId: 'in_1',
    currency: 'eur',
    saleType: 'subscription',
    isRecurring: false,
    subscriptionId: 'sub_1',
    subscriptionInterval: 'monthly',
    eventName: 'renewal',
    additionalData: { test_mode: true }
  })
  t.equal(result.ok && result.data?.commission_id, 2)
  t.equal(received[0]?.url, '/api/v1/track/sale')
  t.equal(received[0]?.headers.authorization, 'Bearer key_1')
  t.strictSame(received[0]?.body, {
    transaction_id: 'in_1',
    customer_key: 'user_1',
    click_id: 'cust_1_2',
    amount_cents: 4900,
    currency: 'eur',
    sale_type: 'subscription',
    is_recurring: false,
    subscription_id: 'sub_1',
    subscription_interval: 'monthly',
    additional_data: { test_mode: true, event_name: 'renewal' }
  })
})

t.test('trackRefund sends the documented fields, and no amount for the whole sale', async (t) => {
  const { affitor, received } = await answering(t)
  await affitor.trackRefund({ invoiceId: 'in_1', refundAmountCents: 500, refundReason: 'late', additionalData: { test_mode: true } })
  await affitor.trackRefund({ invoiceId: 'in_1', refundAmountCents: 0 })
  t.equal(received[0]?.url, '/api/v1/track/refund')
  t.equal(received[0]?.headers.authorization, 'Bearer key_1')
  t.strictSame(received.map((call) => call.body), [
    { transaction_id: 'in_1', refund_amount_cents: 500, refund_reason: 'late', additional_data: { test_mode: true } },
    { transaction_id: 'in_1' }
  ])
})

t.test('trackClick sends the documented fields, without the key', async (t) => {
  const { affitor, received } = await answering(t)
  await affitor.trackClick({ affiliateUrl: 'https://x.test/?aff=A', pageUrl: 'https://x.test/', referrerUrl: 'https://y.test/', existingClickId: 'cust_1_2' })
  await affitor.trackClick()
  t.equal(received[0]?.url, '/api/v1/track/click')
  t.equal(received[0]?.headers.authorization, undefined)
  t.strictSame(received.map((call) => call.body), [
    { affiliate_url: 'https://x.test/?aff=A', page_url: 'https://x.test/', referrer_url: 'https://y.test/', existing_click_id: 'cust_1_2' },
    {}
  ])
})

t.test('a test sale needs neither customer, amount nor id', async (t) => {
  const { affitor, received } = await answering(t)
  await affitor.trackSale({ additionalData: { test_mode: true } })
  await affitor.trackSale({ additionalData: { test_mode: true, note: 'a' }, customerExternalId: 'user_1', amount: 100, invoiceId: 'in_1', eventName: 'try' })
  t.strictSame(received.map((call) => call.body), [
    { additional_data: { test_mode: true } },
    { transaction_id: 'in_1', customer_key: 'user_1', amount_cents: 100, additional_data: { test_mode: true, note: 'a', event_name: 'try' } }
  ])
  t.throws(() => { affitor.trackSale({ additionalData: { test_mode: true }, amount: 0 }) }, { message: /amount must be a positive integer/ })
  // @ts-expect-error an id is a text in a test too
  t.throws(() => { affitor.trackSale({ additionalData: { test_mode: true }, invoiceId: 7 }) }, { message: /invoiceId must be a string/ })
  // @ts-expect-error no test sale
  t.throws(() => { affitor.trackSale({ additionalData: { test_mode: false } }) }, { message: /customerExternalId or clickId/ })
  t.equal(received.length, 2)
})

t.test('readiness resolves to the verdict', async (t) => {
  const { affitor, received } = await answering(t, 200, '{"program_id":42,"state":"ready","blocker":"live"}')
  t.match(await affitor.readiness(), { program_id: 42, state: 'ready', blocker: 'live' })
  await affitor.readiness({ forceRecheck: true })
  await affitor.readiness({ forceRecheck: false })
  const path = '/api/v1/programs/me/readiness'
  t.strictSame(received.map(({ method, url, headers, body }) => [method, url, headers.authorization, body]), [
    ['GET', path, 'Bearer key_1', undefined], ['GET', `${path}?force_recheck=true`, 'Bearer key_1', undefined], ['GET', path, 'Bearer key_1', undefined]
  ])
})

t.test('readiness rejects, unlike the tracking methods', async (t) => {
  const cases: Array<[number, string, object]> = [
    [401, '{"error":{"code":"invalid_key","message":"Invalid API token."}}', { message: 'Invalid API token.', code: 'invalid_key', retryAfterSeconds: undefined, body: { error: { code: 'invalid_key' } } }],
    [500, '{"error":{"code":"internal_error","message":"Retry shortly.","retry_after_seconds":10}}', { message: 'Retry shortly.', code: 'internal_error', retryAfterSeconds: 10 }],
    [404, '{"error":"gone"}', { message: 'gone', code: undefined }],
    [502, '<html>', { message: 'HTTP 502', code: undefined, body: null }],
    [200, '<html>', { message: 'HTTP 200', body: null }]
  ]
  for (const [status, body, expected] of cases) {
    const { affitor } = await answering(t, status, body)
    const error: unknown = await affitor.readiness().catch((reason: unknown) => reason)
    t.ok(error instanceof AffitorApiError, body)
    t.match(error, { name: 'AffitorApiError', status, ...expected }, body)
  }
  const down = new Affitor({ apiKey: 'k', fetch: async () => { throw new Error('down') } })
  await t.rejects(down.readiness(), { name: 'Error', message: 'down' })
  // @ts-expect-error no object
  await t.rejects(down.readiness('x'), TypeError)
})

t.test('blank and absent optional fields are left out', async (t) => {
  const { affitor, received } = await answering(t)
  await affitor.trackLead({ customerExternalId: 'user_1', clickId: '', email: '  ', eventName: undefined, additionalData: {} })
  // @ts-expect-error null is no documented value, but it is what a missing cookie often is
  await affitor.trackSale({ customerExternalId: 'user_1', clickId: null, amount: 1, invoiceId: 'in_1', currency: '' })
  t.strictSame(received.map((call) => call.body), [
    { customer_key: 'user_1' },
    { transaction_id: 'in_1', customer_key: 'user_1', amount_cents: 1 }
  ])
})

t.test('a trailing slash and a path in apiUrl are kept right', async (t) => {
  const { url, received } = await answering(t)
  await new Affitor({ apiKey: 'k', apiUrl: `${url}/` }).trackRefund({ invoiceId: 'in_1' })
  await new Affitor({ apiKey: 'k', apiUrl: `${url}/proxy//` }).trackRefund({ invoiceId: 'in_1' })
  t.strictSame(received.map((call) => call.url), ['/api/v1/track/refund', '/proxy/api/v1/track/refund'])
})

t.test('the error text is read from every documented shape', async (t) => {
  const cases: Array<[number, string, string]> = [
    [400, '{"error":"amount_cents is required and must be a positive integer"}', 'amount_cents is required and must be a positive integer'],
    [409, '{"error":"Conflict","message":"transaction_id already recorded","statusCode":409}', 'transaction_id already recorded'],
    [401, '{"error":{"code":"invalid_key","message":"Invalid API token."}}', 'Invalid API token.'],
    [429, '{"error":{"status":429,"code":"rate_limited"}}', 'rate_limited'],
    [500, '{"message":"odd"}', 'odd'],
    [502, '<html>Bad gateway</html>', 'HTTP 502'],
    [503, '', 'HTTP 503'],
    [500, '{"error":{}}', 'HTTP 500'],
    [500, '[]', 'HTTP 500'],
    [500, 'null', 'HTTP 500'],
    [404, '{"error":"  "}', 'HTTP 404']
  ]
  for (const [status, body, error] of cases) {
    const { affitor } = await answering(t, status, body)
    const result = await affitor.trackRefund({ invoiceId: 'in_1' })
    t.equal(result.ok, false, body)
    t.equal(result.status, status, body)
    t.equal(result.error, error, body)
  }
})

t.test('a body that is not JSON is null', async (t) => {
  const { affitor } = await answering(t, 200, 'ok')
  t.same(await affitor.trackRefund({ invoiceId: 'in_1' }), { ok: true, status: 200, data: null })
  const failing = await answering(t, 502, '<html>')
  t.same(await failing.affitor.trackRefund({ invoiceId: 'in_1' }), { ok: false, status: 502, data: null, error: 'HTTP 502' })
})

t.test('a refused connection resolves to status 0 and names the reason', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  await new Promise((resolve) => server.close(resolve))
  const result = await new Affitor({ apiKey: 'k', apiUrl: `http://127.0.0.1:${port}` }).trackRefund({ invoiceId: 'in_1' })
  t.match(result, { ok: false, status: 0, data: null, error: /ECONNREFUSED/ })
})

t.test('an answer that breaks off after its headers resolves to status 0', async (t) => {
  const url = await listen(t, (request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"success":')
    setTimeout(() => request.socket.destroy(), 20)
  })
  const result = await new Affitor({ apiKey: 'k', apiUrl: url }).trackRefund({ invoiceId: 'in_1' })
  t.match(result, { ok: false, status: 0, data: null, error: String })
})

t.test('a time limit given through fetch resolves to status 0', async (t) => {
  const url = await listen(t, () => {})
  const affitor = new Affitor({
    apiKey: 'k', apiUrl: url, fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(50) })
  })
  t.match(await affitor.trackRefund({ invoiceId: 'in_1' }), { ok: false, status: 0, data: null, error: /timeout/ })
})

t.test('nothing that fetch throws gets out', async (t) => {
  const thrown: unknown[] = [new Error('down'), new TypeError(''), 'a string', undefined]
  for (const value of thrown) {
    const synchronous = new Affitor({ apiKey: 'k', fetch: () => { throw value } })
    const asynchronous = new Affitor({ apiKey: 'k', fetch: async () => { throw value } })
    for (const affitor of [synchronous, asynchronous]) {
      const result = await affitor.trackRefund({ invoiceId: 'in_1' })
      t.match(result, { ok: false, status: 0, data: null, error: /./ })
    }
  }
})

t.test('the defaults are the production address and the global fetch', async (t) => {
  const calls: string[] = []
  t.intercept(globalThis, 'fetch', { value: async (url: string) => { calls.push(url); return new Response('{}') } })
  await new Affitor({ apiKey: 'k' }).trackRefund({ invoiceId: 'in_1' })
  t.strictSame(calls, ['https://api.affitor.com/api/v1/track/refund'])
})

t.test('wrong constructor options throw', async (t) => {
  t.throws(() => new Affitor({ apiKey: '' }), TypeError)
  t.throws(() => new Affitor({ apiKey: '   ' }), { message: /apiKey is required/ })
  t.throws(() => new Affitor({ apiKey: 'key\n' }), { message: /line break/ })
  t.throws(() => new Affitor({ apiKey: 'k', apiUrl: 'api.affitor.com' }), { message: /apiUrl/ })
  t.throws(() => new Affitor({ apiKey: 'k', apiUrl: 'ftp://api.affitor.com' }), { message: /apiUrl/ })
  // @ts-expect-error missing options
  t.throws(() => new Affitor(), TypeError)
  // @ts-expect-error missing key
  t.throws(() => new Affitor({}), { message: /apiKey is required/ })
  // @ts-expect-error not a function
  t.throws(() => new Affitor({ apiKey: 'k', fetch: 'fetch' }), { message: /fetch must be a function/ })
})

t.test('wrong arguments throw at once, and nothing is sent', async (t) => {
  const { affitor, received } = await answering(t)
  const sale = { customerExternalId: 'user_1', amount: 100, invoiceId: 'in_1' }
  t.throws(() => { affitor.trackLead({ email: 'a@example.com' }) }, { name: 'TypeError', message: /customerExternalId or clickId/ })
  t.throws(() => { affitor.trackLead({ customerExternalId: ' ', clickId: '' }) }, { message: /customerExternalId or clickId/ })
  t.throws(() => { affitor.trackSale({ amount: 100, invoiceId: 'in_1' }) }, { name: 'TypeError', message: /customerExternalId or clickId/ })
  for (const amount of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    t.throws(() => { affitor.trackSale({ ...sale, amount }) }, { name: 'TypeError', message: /amount must be a positive integer/ }, String(amount))
  }
  t.throws(() => { affitor.trackSale({ ...sale, invoiceId: '' }) }, { name: 'TypeError', message: /invoiceId is required/ })
  t.throws(() => { affitor.trackRefund({ invoiceId: ' ' }) }, { name: 'TypeError', message: /invoiceId is required/ })
  for (const refundAmountCents of [-1, 0.5, NaN]) {
    t.throws(() => { affitor.trackRefund({ invoiceId: 'in_1', refundAmountCents }) }, { name: 'TypeError', message: /refundAmountCents/ })
  }
  // @ts-expect-error a string is no amount
  t.throws(() => { affitor.trackSale({ ...sale, amount: '100' }) }, { message: /amount must be a positive integer/ })
  // @ts-expect-error a number is no id
  t.throws(() => { affitor.trackLead({ customerExternalId: 7 }) }, { message: /customerExternalId must be a string, not 7/ })
  // @ts-expect-error a string is no object
  t.throws(() => { affitor.trackSale({ ...sale, additionalData: 'x' }) }, { message: /additionalData must be an object/ })
  // @ts-expect-error missing input
  t.throws(() => { affitor.trackRefund() }, TypeError)
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  t.throws(() => { affitor.trackSale({ ...sale, additionalData: cycle }) }, TypeError)
  t.equal(received.length, 0)
})
