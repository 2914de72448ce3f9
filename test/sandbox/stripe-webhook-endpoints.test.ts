import type Stripe from 'stripe'
import t from 'tap'
import { startStripe, stripeClient } from '../helpers/stripe.js'

const base: Stripe.WebhookEndpointCreateParams = { url: 'https://shop.example/hook', enabled_events: ['invoice.paid', 'refund.created'] }

t.test('a webhook endpoint is made, read, listed, changed and deleted; its secret is shown once', async (t) => {
  const { client } = await startStripe(t)
  const made = await client.webhookEndpoints.create({ ...base, api_version: '2024-06-20', description: 'ours', metadata: { a: '1', b: '2' } })
  t.match(made.id, /^we_1\w{23}$/)
  t.match(made.secret, /^whsec_\w{32}$/)
  const { secret, ...shown } = made
  t.match(shown, {
    object: 'webhook_endpoint', api_version: '2024-06-20', application: null, description: 'ours', livemode: false, metadata: { a: '1', b: '2' }, status: 'enabled', ...base
  })
  t.match(await client.webhookEndpoints.retrieve(made.id), shown)
  t.equal((await client.webhookEndpoints.retrieve(made.id)).secret, undefined)
  const second = await client.webhookEndpoints.create({ ...base, enabled_events: ['*'] })
  t.not(second.secret, secret)
  t.equal(second.api_version, null)
  const { data } = await client.webhookEndpoints.list()
  t.same(data.map(({ id, secret }) => ({ id, secret })), [{ id: second.id, secret: undefined }, { id: made.id, secret: undefined }], 'the newest first')
  t.match(await client.webhookEndpoints.list({ limit: 1 }), { has_more: true, data: [{ id: second.id }] })

  const changed = await client.webhookEndpoints.update(made.id, {
    disabled: true, enabled_events: ['invoice.paid'], url: 'https://shop.example/other', metadata: { a: '', c: '3' }, description: ''
  })
  t.match(changed, { status: 'disabled', enabled_events: ['invoice.paid'], url: 'https://shop.example/other', description: null, api_version: '2024-06-20' })
  t.same({ ...changed.metadata }, { b: '2', c: '3' })
  t.match(await client.webhookEndpoints.update(made.id, { disabled: false, metadata: '' }), { status: 'enabled', metadata: {}, enabled_events: ['invoice.paid'] })
  t.match(await client.webhookEndpoints.del(made.id), { id: made.id, object: 'webhook_endpoint', deleted: true })
  await t.rejects(client.webhookEndpoints.retrieve(made.id), { statusCode: 404, code: 'resource_missing', message: `No such webhook endpoint: '${made.id}'` })
  await t.rejects(client.webhookEndpoints.del(made.id), { statusCode: 404, message: /No such/ })
})

const refusals: Array<{ what: string, params: object, message: string | RegExp, param?: string }> = [
  { what: 'no address', params: { enabled_events: ['*'] }, message: 'Missing required param: url.', param: 'url' },
  { what: 'no events', params: { url: base.url }, message: 'Missing required param: enabled_events.', param: 'enabled_events' },
  { what: 'an unknown event', params: { ...base, enabled_events: ['invoice.paid', 'invoice.payed'] }, message: /^Invalid enabled_events\[1\]: must be one of \*, account\.application\.authorized, /, param: 'enabled_events[1]' },
  { what: 'an address without scheme', params: { ...base, url: 'shop.example' }, message: /explicit scheme/, param: 'url' },
  { what: 'another protocol', params: { ...base, url: 'ftp://shop.example' }, message: 'Not a valid URL', param: 'url' },
  { what: 'localhost', params: { ...base, url: 'http://localhost:3000/hook' }, message: 'Invalid URL: URL must be publicly accessible.', param: 'url' },
  { what: 'a loopback address', params: { ...base, url: 'http://127.0.0.1/hook' }, message: /publicly accessible/, param: 'url' },
  { what: 'a version that is none', params: { ...base, api_version: 'newest' }, message: 'Invalid Stripe API version: newest', param: 'api_version' },
  { what: 'an unknown parameter', params: { ...base, status: 'disabled' }, message: 'Received unknown parameter: status', param: 'status' },
  { what: 'what the stand-in does not have', params: { ...base, connect: true }, message: /does not support `connect`/, param: 'connect' }
]

t.test('a webhook endpoint is refused in Stripe\'s words', async (t) => {
  const { client } = await startStripe(t)
  for (const { what, params, message, param } of refusals) {
    await t.rejects(client.webhookEndpoints.create(params as Stripe.WebhookEndpointCreateParams), { statusCode: 400, message, ...(param && { param }) }, what)
  }
  t.same((await client.webhookEndpoints.list()).data, [])
  const { id } = await client.webhookEndpoints.create(base)
  await t.rejects(client.webhookEndpoints.update(id, { api_version: '2024-06-20' } as object), { message: 'Received unknown parameter: api_version' })
  for (let made = 1; made < 16; made++) await client.webhookEndpoints.create(base)
  await t.rejects(client.webhookEndpoints.create(base), { message: 'You have reached the maximum of 16 test webhook endpoints.' })
})

t.test('a restricted key may do what it was given, and to write is to read too', async (t) => {
  const { client, control, url } = await startStripe(t, { secretKey: 'rk_test_0123456789' })
  await control('POST', '/behaviour', { permissions: ['webhook_read', 'plan_write'] })
  t.same((await client.webhookEndpoints.list()).data, [])
  t.ok((await client.prices.list()).data.length)
  await t.rejects(client.webhookEndpoints.create(base), {
    type: 'StripePermissionError',
    statusCode: 403,
    code: 'more_permissions_required',
    message: "Permission denied. The provided key 'rk_test_******6789' does not have the required permissions for this endpoint on account " +
      "'acct_1SandboxOfThisMachine'. Enabling Webhook Endpoints Write ('webhook_write') permissions on this key would allow this request to continue."
  })
  await t.rejects(client.refunds.list(), { statusCode: 403, message: /'charge_read'/ })
  await t.rejects(client.rawRequest('GET', '/v1/x'), { statusCode: 404, message: /^Unrecognized/ })
  await t.rejects(stripeClient(url, 'rk_test_other').prices.list(), { statusCode: 401, message: /^Invalid API Key/ })
  await control('DELETE', '/behaviour')
  await client.webhookEndpoints.create(base)
})

t.test('the account and its balance tell whose key it is; charges and products are listed', async (t) => {
  const { client, control } = await startStripe(t)
  t.match(await client.rawRequest('GET', '/v1/account'), { id: 'acct_1SandboxOfThisMachine', object: 'account' })
  t.match(await client.balance.retrieve(), { object: 'balance', livemode: false })
  t.match((await client.products.list({ limit: 1 })).data, [{ object: 'product' }])
  t.same((await client.charges.list()).data, [])
  await control('POST', '/subscriptions', { price: 'price_sandbox_monthly' })
  t.match((await client.charges.list({ limit: 1 })).data, [{ object: 'charge' }])
  t.same((await client.charges.list({ payment_intent: 'pi_other' })).data, [])
})
