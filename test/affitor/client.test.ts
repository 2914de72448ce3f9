import t from 'tap'
import { createAffitorClient } from '../../src/affitor/client.js'
import type { ClaimedTrackingEvent } from '../../src/ledger/delivery.js'
import { startAffitor } from '../helpers/affitor.js'
import { startFakeAffitor } from '../helpers/fake-affitor.js'
import { eventually } from '../helpers/eventually.js'

const history = {
  id: 1, customerKey: 'user_1', source: 'evt_1', attempts: 1, isProbe: false, traceparent: null, wasLeft: false, hadServerError: false, mayHaveArrived: false, hadUnclearAnswer: false, unknownCustomerAnswers: 0, refusedAlone: false, leadState: null, saleState: null, saleHeld: false, otherRefund: null
} as const
const sale: ClaimedTrackingEvent & { kind: 'sale' } = {
  ...history, kind: 'sale', transactionId: 'cs_1', payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false }
}
const client = (apiUrl: string, timeoutMs = 10_000) => createAffitorClient({ apiKey: 'affitor_test_key', apiUrl, timeoutMs, testMode: false })

t.test('the answer comes with its status, body, error and Retry-After', async t => {
  const fake = await startFakeAffitor(t, { status: 429, headers: { 'retry-after': '7' }, body: '{"error":{"code":"rate_limited","message":"slow down"}}' })
  t.same(await client(fake.url).send(sale), {
    ok: false, status: 429, data: { error: { code: 'rate_limited', message: 'slow down' } }, error: 'slow down', retryAfterMs: 7_000
  })
})

t.test('nobody at the address, a broken connection, a time-out: status 0, never a rejection', async t => {
  const affitor = await startAffitor(t)
  t.match(await client('http://127.0.0.1:9').send(sale), { ok: false, status: 0, data: null, error: String })
  affitor.behave({ dropConnection: 'before', times: 1 })
  t.match(await client(affitor.url).send(sale), { ok: false, status: 0, data: null, error: String })
  affitor.behave({ latencyMs: 600_000, times: 1 })
  t.match(await client(affitor.url, 50).send(sale), { ok: false, status: 0, error: /No answer within 50 ms/ })
})

t.test('a body that stays away after its headers is a time-out too', async t => {
  const fake = await startFakeAffitor(t, { headers: { 'content-length': '1000' }, body: '{"success":true' })
  t.match(await client(fake.url, 100).send(sale), { ok: false, status: 0, data: null })
})

t.test('a stop ends a call that runs, and one that would begin', async t => {
  const affitor = await startAffitor(t)
  affitor.behave({ latencyMs: 600_000 })
  const stop = new AbortController()
  const call = client(affitor.url).send(sale, stop.signal)
  await eventually('the call runs', () => affitor.calls().length === 1)
  stop.abort()
  t.match(await call, { status: 0, error: /The service is stopping/ })
  t.match(await client(affitor.url).send(sale, stop.signal), { status: 0, error: /The service is stopping/ })
  t.equal(affitor.calls().length, 1)
})

t.test('the product of a sale is sent beside what the SDK sends', async t => {
  const affitor = await startAffitor(t)
  const subscribed: ClaimedTrackingEvent = { ...sale, payload: { ...sale.payload, subscriptionId: 'sub_1', subscriptionInterval: 'monthly' } }
  await client(affitor.url).send(subscribed)
  await client(affitor.url).send({ ...subscribed, payload: { ...subscribed.payload, productId: 'prod_1' } })
  await client(affitor.url).send({ ...subscribed, payload: { ...subscribed.payload, productNote: 'several_products' } })
  const [without, withProduct, noted] = affitor.calls().map(({ body }) => body as object)
  t.strictSame(withProduct, { ...without, product_id: 'prod_1' })
  t.strictSame(noted, without)
})

t.test('a partial refund without an amount is refused here: Affitor would take back the whole sale', async t => {
  const fake = await startFakeAffitor(t, { body: '{}' })
  const refund = (payload: unknown) => ({ ...history, kind: 'refund', transactionId: 're_1', saleTransactionId: 'cs_1', payload }) as ClaimedTrackingEvent
  for (const payload of [{ v: 1 }, { v: 1, full: false }, { v: 1, full: false, amountCents: 0 }, { v: 1, full: 'yes' }, { v: 1, amountCents: '500' }]) {
    await t.rejects(client(fake.url).send(refund(payload)), TypeError)
  }
  t.equal(fake.calls(), 0)
})
