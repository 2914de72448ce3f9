import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { createClient } from '../../sdk/index.js'
import type { Client, Schemas } from '../../sdk/index.js'
import { ADMIN_TOKEN, API_TOKEN, startService } from '../helpers/service.js'
import { signature, stripeEvent } from '../helpers/webhook.js'

t.test('the SDK calls every operation of the document', async t => {
  const service = await startService(t)
  const used = new Set<string>()
  const clientWith = (token?: string): Client => createClient({
    baseUrl: service.url,
    token,
    async fetch (request) {
      used.add(`${request.method.toLowerCase()} ${new URL(request.url).pathname.replace(/\d+(?=\/|$)|evt_\w+/, '{id}').replace(/customers\/[^/]+/, 'customers/{customerKey}')}`)
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
  t.equal((await operator.POST('/api/tracking/events/{id}/resolve', { params, body: { note: 'Done.' } })).error?.code, 'NOT_RESOLVABLE')
  t.equal((await operator.POST('/api/tracking/events/{id}/reopen', { params })).error?.code, 'NOT_RESOLVABLE')
  t.match((await operator.GET('/api/tracking/events.csv', { params: { query: { kind: 'sale' } }, parseAs: 'text' })).data, /^id,occurred_at,/)
  t.equal((await operator.GET('/api/tracking/search', { params: { query: { q: credentials.email } } })).data?.customers[0]?.customerKey, userId)
  t.same((await operator.GET('/api/tracking/attention')).data, { groups: [] })
  t.same((await operator.POST('/api/tracking/attention/retry', { body: { reason: 'malformed' } })).data, { changed: 0, remaining: 0 })
  t.same((await operator.POST('/api/tracking/attention/resolve', { body: { reason: 'malformed', note: 'Done.' } })).data, { changed: 0, remaining: 0 })
  const stored = (await operator.GET('/api/tracking/stripe-events', { params: { query: { state: 'interpreted' } } })).data?.events
  t.match(stored?.[0], { state: 'interpreted' })
  const stripeEventParams = { path: { id: stored?.[0]?.id ?? '' } }
  t.same((await operator.GET('/api/tracking/stripe-events/{id}', { params: stripeEventParams })).data, stored?.[0])
  t.equal((await operator.POST('/api/tracking/stripe-events/{id}/retry', { params: stripeEventParams })).data?.state, 'received')
  t.equal((await operator.POST('/api/tracking/stripe-events/{id}/resolve', { params: stripeEventParams, body: { note: 'Done.' } })).error?.code, 'NOT_RESOLVABLE')
  t.equal((await operator.POST('/api/tracking/stripe-events/{id}/reopen', { params: stripeEventParams })).error?.code, 'NOT_RESOLVABLE')
  await service.work()
  t.equal((await operator.GET('/api/tracking/funnel', { params: { query: { period: '7d' } } })).data?.sales, 1)
  t.equal((await operator.GET('/api/tracking/deliveries')).data?.period, '24h')
  t.equal((await operator.GET('/api/tracking/program')).data?.programId, '42')
  t.equal((await operator.GET('/api/tracking/checks')).data?.checks[0]?.check, 'node')
  t.equal((await operator.GET('/api/tracking/customers/{customerKey}', { params: { path: { customerKey: userId } } })).data?.customerKey, userId)
  t.equal((await operator.GET('/api/tracking/customers/{customerKey}/export', { params: { path: { customerKey: userId } } })).data?.customerKey, userId)
  t.equal((await operator.DELETE('/api/tracking/customers/{customerKey}/personal-data', { params: { path: { customerKey: userId } } })).data?.customerKey, userId)
  t.match((await operator.GET('/api/tracking/summary')).data?.delivery, { state: 'running' })
  t.equal((await anyone.GET('/health/live')).data?.status, 'ok')
  t.equal((await anyone.GET('/health/ready')).data?.status, 'ok')

  const backend = clientWith(API_TOKEN)
  t.match((await backend.POST('/api/leads', { body: { customerKey: 'bob', clickId: 'cust_1' } })).data, { kind: 'lead', source: 'api' })
  t.match((await backend.POST('/api/attribution', { body: { customerKey: 'bob' } })).data, { affitor_click_id: 'cust_1' })
  const order = { customerKey: 'bob', transactionId: 'order_1', amountCents: 4900, currency: 'USD' }
  t.equal((await backend.POST('/api/sales', { body: order })).response.status, 201)
  t.equal((await backend.POST('/api/sales', { body: { ...order, amountCents: 1 } })).error?.code, 'CONFLICTING_FACT')
  t.match((await backend.POST('/api/refunds', { body: { saleTransactionId: 'order_1' } })).data, { payload: { full: true } })
  const reported = await backend.POST('/api/stripe-events', { body: { ...stripeEvent({ type: 'customer.created' }), object: 'event' } })
  t.same(reported.data, { received: true, stored: false })

  const snapshot = { ...stripeEvent({ type: 'customer.created' }), object: 'event' as const }
  const event = JSON.stringify(snapshot)
  const webhook = await anyone.POST('/webhooks/stripe', {
    body: snapshot,
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

t.test('the examples of the README run as they are', async t => {
  const service = await startService(t)
  const readme = await readFile('sdk/README.md', 'utf8')
  const example = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code).join('')
  const program = join(t.testdir({}), 'example.mjs')
  await writeFile(program, example
    .replace("'fastify-affitor-client'", JSON.stringify(pathToFileURL('sdk/index.js').href))
    .replaceAll('http://localhost:3000', service.url)
    .replace('sandbox-api-token', API_TOKEN)
    .replace('sandbox-admin-token', ADMIN_TOKEN))
  const { stdout } = await promisify(execFile)(process.execPath, [program])
  const [url, state, ...rest] = stdout.trim().split('\n')
  t.match(url, /\/pay\/cs_test_/)
  t.equal(state, 'pending')
  t.same(rest, [
    'sale order_1',
    `lead ${(await service.ledger())[0]?.transactionId}`,
    '409 A user with this e-mail exists already. Log in with POST /api/login.',
    '3 false'
  ])
})

t.test('the commands of the README run as they are', async t => {
  const service = await startService(t)
  const readme = await readFile('sdk/README.md', 'utf8')
  const commands = /```sh\n(token=[\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const script = commands.replaceAll('http://localhost:3000', service.url).replaceAll('sandbox-api-token', API_TOKEN)
  const { stdout } = await promisify(execFile)('bash', ['-euc', script])
  const answers = stdout.trim().split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
  t.match(answers, [
    { kind: 'lead', transactionId: 'user_1' },
    { kind: 'sale', transactionId: 'order_1001', payload: { amountCents: 4900, currency: 'USD' } },
    { kind: 'refund', saleTransactionId: 'order_1001', payload: { amountCents: 900, full: false } },
    { affitor_customer_key: 'user_1', affitor_click_id: 'cust_42_1714000000000' }
  ])
  t.same((await service.ledger()).map(({ kind }) => kind), ['lead', 'sale', 'refund'])
})
