import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { createClient } from '../../sdk/index.js'
import type { Client, Schemas } from '../../sdk/index.js'
import { ADMIN_TOKEN, startService } from '../helpers/service.js'
import { signature, stripeEvent } from '../helpers/webhook.js'

t.test('the SDK calls every operation of the document', async t => {
  const service = await startService(t)
  const used = new Set<string>()
  const clientWith = (token?: string): Client => createClient({
    baseUrl: service.url,
    token,
    async fetch (request) {
      used.add(`${request.method.toLowerCase()} ${new URL(request.url).pathname.replace(/\d+(?=\/|$)|evt_\w+/, '{id}').replace(/customers\/.+/, 'customers/{customerKey}')}`)
      return await fetch(request)
    }
  })
  const anyone = clientWith()
  const credentials = { email: 'ada@example.com', password: 'correct horse battery' }

  const signup = await anyone.POST('/api/signup', { body: { ...credentials, affitorClickId: await service.affitor.click() } })
  t.equal(signup.response.status, 201)
  const { userId = '', accessToken } = signup.data ?? {}
  const login = await anyone.POST('/api/login', { body: credentials })
  t.equal(login.data?.userId, userId)
  t.equal((await anyone.POST('/api/logout')).response.status, 204)

  const checkout = await clientWith(accessToken).POST('/api/checkout', {
    params: { header: { 'idempotency-key': 'key-1' } }, body: { priceId: 'price_sandbox_onetime', mode: 'payment' }
  })
  t.match(checkout.data?.url, /^http/)
  const refused = await anyone.POST('/api/checkout', { body: { priceId: 'price_sandbox_onetime', mode: 'payment' } })
  t.match(refused.error, { statusCode: 401, code: 'UNAUTHORIZED' })

  await service.stripe.control('POST', `/checkout/sessions/${checkout.data?.sessionId}/pay`, {})
  await service.work()
  const operator = clientWith(ADMIN_TOKEN)
  const page = await operator.GET('/api/tracking/events', { params: { query: { kind: 'sale', limit: 10 } } })
  const sale: Schemas['TrackingEvent'] | undefined = page.data?.events[0]
  t.match(sale, { state: 'delivered', customerKey: userId, transactionId: checkout.data?.sessionId })
  const params = { path: { id: sale?.id ?? 0 } }
  t.equal((await operator.GET('/api/tracking/events/{id}', { params })).data?.id, sale?.id)
  t.equal((await operator.POST('/api/tracking/events/{id}/retry', { params })).error?.code, 'NOT_RETRYABLE')
  t.equal((await operator.POST('/api/tracking/events/{id}/hold', { params })).error?.code, 'NOT_HOLDABLE')
  const stored = (await operator.GET('/api/tracking/stripe-events', { params: { query: { state: 'interpreted' } } })).data?.events
  t.match(stored?.[0], { state: 'interpreted' })
  const again = await operator.POST('/api/tracking/stripe-events/{id}/retry', { params: { path: { id: stored?.[0]?.id ?? '' } } })
  t.equal(again.data?.state, 'received')
  t.equal((await operator.GET('/api/tracking/funnel', { params: { query: { period: '7d' } } })).data?.sales, 1)
  t.equal((await operator.GET('/api/tracking/deliveries')).data?.period, '24h')
  t.equal((await operator.GET('/api/tracking/program')).data?.programId, '42')
  t.equal((await operator.GET('/api/tracking/customers/{customerKey}', { params: { path: { customerKey: userId } } })).data?.customerKey, userId)
  t.match((await operator.GET('/api/tracking/summary')).data?.delivery, { state: 'running' })
  t.equal((await anyone.GET('/health/live')).data?.status, 'ok')
  t.equal((await anyone.GET('/health/ready')).data?.status, 'ok')

  const event = JSON.stringify(stripeEvent({ type: 'customer.created' }))
  const webhook = await anyone.POST('/webhooks/stripe', {
    body: event,
    bodySerializer: body => body,
    params: { header: { 'stripe-signature': signature(event, service.stripe.webhookSecret) } }
  })
  t.equal(webhook.data?.received, true)

  const document = JSON.parse(await readFile('openapi.json', 'utf8')) as { paths: Record<string, object> }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map(method => `${method} ${path}`))
  t.same([...used].sort(), operations.sort())
})

t.test('the token may be a function, and a header of one request wins', async t => {
  const seen: Array<string | null> = []
  const tokens = [undefined, 'one', 'one']
  const client = createClient({
    baseUrl: 'http://127.0.0.1',
    token: () => tokens.shift(),
    async fetch (request) {
      seen.push(request.headers.get('authorization'))
      return new Response('{}', { headers: { 'content-type': 'application/json' } })
    }
  })
  await client.GET('/health/live')
  await client.GET('/health/live')
  await client.GET('/health/live', { headers: { authorization: 'Bearer other' } })
  t.same(seen, [null, 'Bearer one', 'Bearer other'])
})

t.test('the example of the README runs as it is', async t => {
  const service = await startService(t)
  const readme = await readFile('sdk/README.md', 'utf8')
  const example = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const program = join(t.testdir({}), 'example.mjs')
  await writeFile(program, example
    .replace("'fastify-affitor-client'", JSON.stringify(pathToFileURL('sdk/index.js').href))
    .replaceAll('http://localhost:3000', service.url)
    .replace('console.log(checkout.data?.url)', 'export const url = checkout.data?.url'))
  const { url } = await import(pathToFileURL(program).href) as { url: string }
  t.match(url, /\/pay\/cs_test_/)
})
