import t from 'tap'
import type { Test } from 'tap'
import { AffitorServiceError, createClient } from '../../sdk/index.js'
import type { Client, ClientOptions } from '../../sdk/index.js'
import { serve } from '../helpers/serve.js'
import type { Received, Served } from '../helpers/serve.js'

const sale = { customerKey: 'ada', transactionId: 'order_1', amountCents: 4900, currency: 'USD' }
const purchase = { priceId: 'price_1', mode: 'payment' } as const
const credentials = { email: 'ada@example.com', password: 'correct horse battery' }

interface Attempt extends Received { at: number }

/** A server that answers as it is told, one answer a request, and then with `{}`; `gone` breaks the connection, `silent` keeps it. */
async function misbehaving (t: Test, answers: Array<Served | 'gone' | 'silent'>, options: Partial<ClientOptions> = {}): Promise<{ client: Client, attempts: Attempt[] }> {
  const attempts: Attempt[] = []
  const baseUrl = await serve(t, (request, response) => {
    attempts.push({ ...request, at: performance.now() })
    const answer = answers.shift() ?? { body: '{}' }
    if (answer === 'gone') response.destroy()
    return typeof answer === 'string' ? undefined : answer
  })
  return { client: createClient({ baseUrl, ...options }), attempts }
}

function waitsMs (attempts: Attempt[]): number[] {
  return attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? at))
}

t.test('what may be repeated is sent again after what passes', async t => {
  for (const status of [408, 425, 429, 500, 502, 503, 504]) {
    const { client, attempts } = await misbehaving(t, [{ status }])
    await t.resolves(client.getLiveness(), String(status))
    t.equal(attempts.length, 2, String(status))
  }
  const { client, attempts } = await misbehaving(t, ['gone', 'gone'])
  await client.reportSale(sale)
  t.same(attempts.map(({ body }) => JSON.parse(body.toString()) as unknown), [sale, sale, sale])
})

t.test('what would do something twice, and what does not pass, is sent once', async t => {
  const calls: Array<[name: string, answer: Served | 'gone', call: (client: Client) => Promise<unknown>]> = [
    ['login', { status: 503 }, async client => await client.logIn(credentials)],
    ['an operator\'s change', { status: 503 }, async client => await client.resolveTrackingEvent({ id: 1, note: 'Done.' })],
    ['a conflict', { status: 409 }, async client => await client.reportSale(sale)],
    ['a page as success', { body: '<h1>Log in to the proxy</h1>' }, async client => await client.getLiveness()],
    ['a raw request', { status: 503 }, async client => {
      const { error } = await client.GET('/health/live')
      throw new Error(error?.message)
    }]
  ]
  for (const [name, answer, call] of calls) {
    const { client, attempts } = await misbehaving(t, [answer])
    await t.rejects(call(client), name)
    t.equal(attempts.length, 1, name)
  }
})

t.test('retries end, and a client or a call says after how many', async t => {
  const failing = Array.from({ length: 9 }, () => ({ status: 503 }))
  const { client, attempts } = await misbehaving(t, failing, { maxRetries: 1 })
  await t.rejects(client.getLiveness(), { code: 'UNEXPECTED_ANSWER', status: 503, message: 'The service answered 503.' })
  t.equal(attempts.length, 2)
  await t.rejects(client.getLiveness({}, { maxRetries: 0 }))
  t.equal(attempts.length, 3)
  const byDefault = await misbehaving(t, ['gone', 'gone', 'gone'])
  await t.rejects(byDefault.client.getLiveness(), { code: 'NO_ANSWER', status: undefined, cause: Error })
  const [firstMs = 0, secondMs = 0, ...more] = waitsMs(byDefault.attempts)
  t.same(more, [])
  t.ok(firstMs > 240 && firstMs < 1_000, 'half a second, less up to half of it')
  t.ok(secondMs > 490, 'then twice that')
})

t.test('Retry-After is waited for, unless it is longer than a caller would', async t => {
  const soon = await misbehaving(t, [{ status: 503, headers: { 'retry-after': '2' } }])
  await soon.client.getLiveness()
  t.ok(Number(waitsMs(soon.attempts)[0]) > 1_900)

  const late = await misbehaving(t, [{ status: 429, headers: { 'retry-after': '120', 'x-request-id': 'request-7' } }])
  const error: unknown = await late.client.getLiveness().catch((error: unknown) => error)
  t.ok(error instanceof AffitorServiceError)
  t.match(error, { status: 429, retryAfterSeconds: 120, requestId: 'request-7' })
  t.equal(late.attempts.length, 1)

  const date = new Date(Date.now() + 600_000).toUTCString()
  const dated = await misbehaving(t, [{ status: 503, headers: { 'retry-after': date } }])
  const { retryAfterSeconds } = await dated.client.getLiveness().catch((error: unknown) => error) as AffitorServiceError
  t.ok(Number(retryAfterSeconds) > 590 && Number(retryAfterSeconds) <= 600)
  const senseless = await misbehaving(t, [{ status: 503, headers: { 'retry-after': 'soon' } }], { maxRetries: 0 })
  const { retryAfterSeconds: unread } = await senseless.client.getLiveness().catch((error: unknown) => error) as AffitorServiceError
  t.equal(unread, undefined)
})

t.test('a checkout and its retries have one key, which is the caller\'s if it gives one', async t => {
  const { client, attempts } = await misbehaving(t, ['gone', { status: 503 }])
  await client.createCheckout(purchase)
  await client.createCheckout(purchase)
  await client.createCheckout(purchase, { idempotencyKey: 'order-7' })
  const keys = attempts.map(({ headers }) => headers['idempotency-key'])
  t.equal(keys.length, 5)
  t.match(keys[0], /^[0-9a-f]{32}$/)
  t.same(keys.slice(0, 3), [keys[0], keys[0], keys[0]])
  t.not(keys[3], keys[0])
  t.equal(keys[4], 'order-7')
  await client.reportSale(sale)
  t.notOk(attempts[5]?.headers['idempotency-key'])
})

t.test('an attempt that takes too long ends, also while its answer arrives', async t => {
  const { client, attempts } = await misbehaving(t, ['silent', 'silent'], { timeoutMs: 100, maxRetries: 1 })
  await t.rejects(client.getLiveness(), { code: 'TIMEOUT', message: 'No answer came within 100 ms.', status: undefined })
  t.equal(attempts.length, 2)
  const half = createClient({ baseUrl: await serve(t, (_, response) => { response.write('{ "status"'); return undefined }) })
  await t.rejects(half.getLiveness({}, { timeoutMs: 100, maxRetries: 0 }), { code: 'TIMEOUT' })
})

t.test('a caller ends its call at any time', async t => {
  const reason = new Error('The person went away.')
  for (const answer of ['silent', { status: 503, headers: { 'retry-after': '30' } }] as const) {
    const { client, attempts } = await misbehaving(t, [answer])
    const controller = new AbortController()
    setTimeout(() => controller.abort(reason), 100)
    const begun = performance.now()
    t.equal(await client.getLiveness({}, { signal: controller.signal }).catch((error: unknown) => error), reason)
    t.ok(performance.now() - begun < 5_000)
    t.equal(attempts.length, 1)
  }
  const { client, attempts } = await misbehaving(t, [])
  t.equal(await client.getLiveness({}, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error), reason)
  t.equal(attempts.length, 0)
})
