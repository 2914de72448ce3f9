import { readFile } from 'node:fs/promises'
import t from 'tap'
import { createClient } from '../../sdk/index.js'
import type { Client } from '../../sdk/index.js'
import { operations } from '../../sdk/operations.js'
import { serve } from '../helpers/serve.js'
import type { Received } from '../helpers/serve.js'
import { ADMIN_TOKEN, API_TOKEN, startService } from '../helpers/service.js'
import { stripeEvent } from '../helpers/webhook.js'

t.test('every operation is a method, but for Stripe\'s own call', async t => {
  const document = JSON.parse(await readFile('openapi.json', 'utf8')) as { paths: Record<string, Record<string, { operationId: string }>> }
  const names = Object.values(document.paths).flatMap(item => Object.values(item).map(({ operationId }) => operationId))
  t.same(Object.keys(operations).sort(), names.filter(name => name !== 'receiveStripeEvent').sort())
  const client = createClient({ baseUrl: 'http://127.0.0.1:9' })
  for (const name of Object.keys(operations)) t.type(client[name as keyof typeof operations], 'function', name)
})

t.test('methods do at the service what they are named after', async t => {
  const service = await startService(t)
  const clientWith = (token?: string): Client => createClient({ baseUrl: service.url, token })
  const anyone = clientWith()
  const credentials = { email: 'ada@example.com', password: 'correct horse battery' }
  const { userId, accessToken } = await anyone.createUser({ ...credentials, affitorClickId: await service.affitor.click() })
  t.equal((await anyone.logIn(credentials)).userId, userId)
  t.equal(await anyone.logOut(), undefined)
  const session = await clientWith(accessToken).createCheckout({ priceId: 'price_sandbox_onetime', mode: 'payment' })
  t.match(session.url, /^http/)
  await service.stripe.control('POST', `/checkout/sessions/${session.sessionId}/pay`, {})
  await service.work()

  const operator = clientWith(ADMIN_TOKEN)
  const { events: [sale] } = await operator.listTrackingEvents({ kind: 'sale' })
  t.match(sale, { state: 'delivered', customerKey: userId })
  t.equal((await operator.getTrackingEvent({ id: sale?.id ?? 0 })).transactionId, session.sessionId)
  await t.rejects(operator.resolveTrackingEvent({ id: sale?.id ?? 0, note: 'Done.' }), { name: 'ConflictError', code: 'NOT_RESOLVABLE', status: 409, message: /is delivered/ })
  await t.rejects(operator.retryTrackingEvent({ id: sale?.id ?? 0 }), { code: 'NOT_RETRYABLE' })
  t.same(await operator.retryByReason({ reason: 'malformed' }), { changed: 0, remaining: 0 })
  t.equal((await operator.searchCustomers({ q: credentials.email })).customers[0]?.customerKey, userId)
  t.match(await operator.exportTrackingEvents({ kind: 'sale' }), /^id,occurred_at,/)
  t.match(await operator.getTrackingSummary(), { delivery: { state: 'running' } })
  t.equal((await operator.getTrackingFunnel({ period: '7d' })).sales, 1)
  t.equal((await operator.deletePersonalData({ customerKey: userId })).customerKey, userId)

  const backend = clientWith(API_TOKEN)
  t.match(await backend.reportLead({ customerKey: 'a/b ?', clickId: 'cust_1' }), { kind: 'lead', source: 'api' })
  t.match(await operator.getCustomerStory({ customerKey: 'a/b ?' }), { customerKey: 'a/b ?' })
  const order = { customerKey: 'a/b ?', transactionId: 'order_1', amountCents: 4900, currency: 'USD' }
  t.equal((await backend.reportSale(order)).id, (await backend.reportSale(order)).id)
  await t.rejects(backend.reportSale({ ...order, amountCents: 1 }), { code: 'CONFLICTING_FACT' })
  t.same(await backend.reportStripeEvent({ ...stripeEvent({ type: 'customer.created' }), object: 'event' }), { received: true, stored: false })
  await t.rejects(anyone.reportSale(order), { name: 'UnauthorizedError', code: 'BACKEND_ONLY' })
})

t.test('a list is a page, or by for await all that its pages list', async t => {
  const service = await startService(t)
  const backend = createClient({ baseUrl: service.url, token: API_TOKEN })
  for (const key of ['a', 'b', 'c', 'd', 'e']) await backend.reportLead({ customerKey: key })
  const asked: string[] = []
  const operator = createClient({
    baseUrl: service.url,
    token: ADMIN_TOKEN,
    fetch: async request => {
      asked.push(new URL(request.url).search)
      return await fetch(request)
    }
  })
  t.equal((await operator.listTrackingEvents({ limit: 2 })).events.length, 2)
  t.equal(asked.length, 1)

  const keys: Array<string | null> = []
  for await (const event of operator.listTrackingEvents({ kind: 'lead', limit: 2 })) keys.push(event.customerKey)
  t.same(keys, ['e', 'd', 'c', 'b', 'a'])
  t.equal(asked.length, 4)
  t.ok(asked.slice(1).every(search => search.includes('kind=lead') && search.includes('limit=2')))

  for await (const event of operator.listTrackingEvents({ limit: 2 })) if (event.customerKey === 'd') break
  t.equal(asked.length, 5, 'nothing is read that the loop does not reach')
  await t.rejects(async () => { for await (const event of backend.listTrackingEvents()) t.fail(String(event.id)) }, { code: 'FORBIDDEN' })
})

t.test('the parameters of a call go where the operation has them', async t => {
  const received: Received[] = []
  const client = createClient({ baseUrl: await serve(t, request => { received.push(request); return { body: '{}' } }), token: 'token' })
  await client.resolveStripeEvent({ id: 'evt_1', note: 'Done.', by: 'Grace' }, { headers: { traceparent: '00-1-2-01' } })
  await client.listTrackingEvents({ customerKey: 'a&b', limit: 2 })
  await client.retryTrackingEvent({ id: 17 })
  t.match(received, [
    { method: 'POST', path: '/api/tracking/stripe-events/evt_1/resolve', headers: { traceparent: '00-1-2-01', authorization: 'Bearer token' } },
    { method: 'GET', path: '/api/tracking/events?customerKey=a%26b&limit=2' },
    { method: 'POST', path: '/api/tracking/events/17/retry' }
  ])
  t.same(received.map(({ body }) => body.toString()), ['{"note":"Done.","by":"Grace"}', '', ''])
})
