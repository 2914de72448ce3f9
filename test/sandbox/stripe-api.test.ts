import Stripe from 'stripe'
import t from 'tap'
import { startStripe, stripeClient } from '../helpers/stripe.js'

type CreateParams = Stripe.Checkout.SessionCreateParams

const base: CreateParams = {
  mode: 'payment',
  line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }],
  success_url: 'https://shop.example/done'
}
const monthly: CreateParams = { ...base, mode: 'subscription', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }] }

function without (params: CreateParams, name: keyof CreateParams): CreateParams {
  const { [name]: _removed, ...rest } = params
  return rest
}

const refusals: Array<{ what: string, params: object, message: string | RegExp, param?: string, code?: string }> = [
  { what: 'no mode', params: without(base, 'mode'), message: 'Missing required param: mode.', param: 'mode', code: 'parameter_missing' },
  { what: 'an unknown mode', params: { ...base, mode: 'gift' }, message: 'Invalid mode: must be one of payment, setup, or subscription', param: 'mode' },
  { what: 'no line items', params: without(base, 'line_items'), message: 'Missing required param: line_items.', code: 'parameter_missing' },
  { what: 'no success address', params: without(base, 'success_url'), message: 'Missing required param: success_url.', param: 'success_url' },
  { what: 'a success address without scheme', params: { ...base, success_url: 'shop.example/done' }, message: 'Invalid URL: An explicit scheme (such as https) must be provided.', code: 'url_invalid' },
  { what: 'a cancel address that is none', params: { ...base, cancel_url: 'https://' }, message: 'Not a valid URL', param: 'cancel_url' },
  { what: 'an unknown price', params: { ...base, line_items: [{ price: 'price_none', quantity: 1 }] }, message: "No such price: 'price_none'", param: 'line_items[0][price]', code: 'resource_missing' },
  { what: 'an inactive price', params: { ...base, line_items: [{ price: 'price_old', quantity: 1 }] }, message: /inactive/, param: 'line_items[0][price]' },
  { what: 'no quantity', params: { ...base, line_items: [{ price: 'price_sandbox_onetime' }] }, message: /Quantity is required/, param: 'line_items[0][quantity]' },
  { what: 'a quantity of 0', params: { ...base, line_items: [{ price: 'price_sandbox_onetime', quantity: 0 }] }, message: 'This value must be greater than or equal to 1.', param: 'line_items[0][quantity]', code: 'parameter_invalid_integer' },
  { what: 'a quantity that is no number', params: { ...base, line_items: [{ price: 'price_sandbox_onetime', quantity: 'two' }] }, message: 'Invalid integer: two', code: 'parameter_invalid_integer' },
  { what: 'subscription data for a payment', params: { ...base, subscription_data: { metadata: { a: 'b' } } }, message: 'You can not pass `subscription_data` in `payment` mode.' },
  { what: 'payment data for a subscription', params: { ...monthly, payment_intent_data: { metadata: { a: 'b' } } }, message: 'You can not pass `payment_intent_data` in `subscription` mode.' },
  { what: 'a recurring price for a payment', params: { ...monthly, mode: 'payment' }, message: 'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.' },
  { what: 'only one-time prices for a subscription', params: { ...base, mode: 'subscription' }, message: 'You must provide at least one recurring price in `subscription` mode when using prices.' },
  { what: 'two currencies', params: { ...base, line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }, { price: 'price_sandbox_eur', quantity: 1 }] }, message: /only supports `eur`/ },
  { what: 'a customer and an e-mail', params: { ...base, customer: 'cus_x', customer_email: 'a@b.co' }, message: 'You may only specify one of these parameters: customer, customer_email.' },
  { what: 'an unknown customer', params: { ...base, customer: 'cus_x' }, message: "No such customer: 'cus_x'", param: 'customer', code: 'resource_missing' },
  { what: 'a wrong e-mail', params: { ...base, customer_email: 'nobody' }, message: 'Invalid email address: nobody', code: 'email_invalid' },
  { what: 'a blank reference', params: { ...base, client_reference_id: '' }, message: /You passed an empty string for 'client_reference_id'/, code: 'parameter_invalid_empty' },
  { what: 'an odd reference', params: { ...base, client_reference_id: 'user/1' }, message: /client_reference_id/, param: 'client_reference_id' },
  { what: 'a long reference', params: { ...base, client_reference_id: 'x'.repeat(201) }, message: /must be at most 200 characters/ },
  { what: '51 metadata keys', params: { ...base, metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])) }, message: /50 metadata keys/, param: 'metadata' },
  { what: 'a long metadata key', params: { ...base, metadata: { ['k'.repeat(41)]: 'v' } }, message: /Metadata keys can have up to 40 characters/ },
  { what: 'a long metadata value', params: { ...base, payment_intent_data: { metadata: { k: 'v'.repeat(501) } } }, message: /Metadata values can have up to 500 characters, but you passed in a value that is 501 characters/, param: 'payment_intent_data[metadata][k]' },
  { what: 'an unknown parameter', params: { ...base, timeout: 20 }, message: 'Received unknown parameter: timeout', param: 'timeout', code: 'parameter_unknown' },
  { what: 'an unknown nested parameter', params: { ...monthly, subscription_data: { coupon: 'x' } }, message: 'Received unknown parameter: subscription_data[coupon]' },
  { what: 'an unknown coupon', params: { ...base, discounts: [{ coupon: 'FREE' }] }, message: "No such coupon: 'FREE'", code: 'resource_missing' },
  { what: 'what the stand-in does not have', params: { ...base, shipping_options: [{ shipping_rate: 'shr_x' }] }, message: /stand-in of this sandbox does not support `shipping_options`/ }
]

t.test('a Checkout Session is refused in Stripe\'s words', async (t) => {
  const { client } = await startStripe(t, {
    prices: [{ id: 'price_old', unitAmount: 100, currency: 'usd', productName: 'Old', active: false }]
  })
  for (const { what, params, message, param, code } of refusals) {
    await t.rejects(client.checkout.sessions.create(params as CreateParams), {
      type: 'StripeInvalidRequestError', statusCode: 400, message, ...(param && { param }), ...(code && { code })
    }, what)
  }
  t.strictSame((await client.checkout.sessions.list()).data, [])
})

t.test('a Checkout Session keeps what it was given', async (t) => {
  const { client } = await startStripe(t, { publicUrl: 'http://pay.localhost:4000/' })
  const reference = 'A-z_9'.repeat(40)
  const session = await client.checkout.sessions.create({
    ...base,
    cancel_url: 'https://shop.example/?left=1',
    client_reference_id: reference,
    customer_email: 'ann+tag@example.com',
    metadata: { constructor: 'x', empty: '', [`k${'k'.repeat(39)}`]: 'v'.repeat(500) },
    expand: ['line_items']
  })
  t.match(session, { client_reference_id: reference, customer_email: 'ann+tag@example.com', success_url: base.success_url })
  t.strictSame(session.metadata, { constructor: 'x', [`k${'k'.repeat(39)}`]: 'v'.repeat(500) })
  t.equal(session.url, `http://pay.localhost:4000/pay/${session.id}`)
  t.match(session.line_items?.data, [{ quantity: 1, price: { id: 'price_sandbox_onetime' }, description: 'Lifetime licence' }])
  const read = await client.checkout.sessions.retrieve(session.id)
  t.equal(read.line_items, undefined, 'not included unless expanded')
})

t.test('prices can be made on the fly', async (t) => {
  const { client, control } = await startStripe(t)
  const session = await client.checkout.sessions.create({
    ...base,
    line_items: [{ price_data: { currency: 'jpy', unit_amount: 500, product_data: { name: 'Pen' } }, quantity: 3 }]
  })
  t.match(session, { amount_total: 1500, currency: 'jpy' })
  await t.rejects(control('POST', `/checkout/sessions/${session.id}/pay`, { method: 'bank_debit' }), /409.*NO_BANK_DEBIT/)
})

t.test('an idempotency key replays the first answer, and refuses other parameters', async (t) => {
  const { client, url } = await startStripe(t)
  const first = await client.checkout.sessions.create(base, { idempotencyKey: 'key-1' })
  t.equal(first.lastResponse.headers['idempotent-replayed'], undefined)
  const again = await client.checkout.sessions.create(base, { idempotencyKey: 'key-1' })
  t.equal(again.id, first.id)
  t.match(again.lastResponse.headers, { 'idempotent-replayed': 'true', 'original-request': first.lastResponse.requestId })
  await t.rejects(client.checkout.sessions.create({ ...base, client_reference_id: 'u' }, { idempotencyKey: 'key-1' }), {
    type: 'StripeIdempotencyError', statusCode: 400, message: /only be used with the same parameters.*'key-1'/
  })
  await t.rejects(client.checkout.sessions.create(without(base, 'mode'), { idempotencyKey: 'key-2' }))
  await client.checkout.sessions.create(base, { idempotencyKey: 'key-2' })
  t.equal((await client.checkout.sessions.list()).data.length, 2, 'a refusal does not use the key up')
  t.ok(url)
})

t.test('requests without the right key, and other addresses, get Stripe\'s answers', async (t) => {
  const { url, secretKey, client } = await startStripe(t)
  await t.rejects(stripeClient(url, 'sk_test_wrongkey1234').prices.list(), {
    type: 'StripeAuthenticationError', message: 'Invalid API Key provided: sk_test_********1234'
  })
  const none = await fetch(`${url}/v1/prices`)
  t.equal(none.status, 401)
  t.match(await none.json(), { error: { type: 'invalid_request_error', message: /^You did not provide an API key\./ } })
  const basic = await fetch(`${url}/v1/prices`, { headers: { authorization: `Basic ${btoa(secretKey + ':')}` } })
  t.equal(basic.status, 200)
  t.match(basic.headers.get('request-id'), /^req_/)
  t.equal(basic.headers.get('stripe-version'), '2026-10-28.endive')
  await t.rejects(client.rawRequest('GET', '/v1/x'), { statusCode: 404, message: /^Unrecognized request URL \(GET: \/v1\/x\)\./ })
  const json = await fetch(`${url}/v1/refunds`, {
    method: 'POST', body: '{}', headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' }
  })
  t.equal(json.status, 400)
  t.match(await json.json(), { error: { message: /check that your POST content type/ } })
  const version = await fetch(`${url}/v1/prices`, { headers: { authorization: `Bearer ${secretKey}`, 'stripe-version': 'newest' } })
  t.equal(version.status, 400)
})

t.test('unknown ids are 404 in Stripe\'s words', async (t) => {
  const { client } = await startStripe(t)
  const missing = (message: string) => ({ statusCode: 404, code: 'resource_missing', message })
  await t.rejects(client.checkout.sessions.retrieve('cs_x'), missing("No such checkout.session: 'cs_x'"))
  await t.rejects(client.subscriptions.retrieve('sub_x'), missing("No such subscription: 'sub_x'"))
  await t.rejects(client.invoices.retrieve('in_x'), missing("No such invoice: 'in_x'"))
  await t.rejects(client.charges.retrieve('ch_x'), missing("No such charge: 'ch_x'"))
  await t.rejects(client.paymentIntents.retrieve('pi_x'), missing("No such payment_intent: 'pi_x'"))
  await t.rejects(client.refunds.retrieve('re_x'), missing("No such refund: 're_x'"))
  await t.rejects(client.customers.retrieve('cus_x'), missing("No such customer: 'cus_x'"))
  await t.rejects(client.events.retrieve('evt_x'), missing("No such event: 'evt_x'"))
  await t.rejects(client.refunds.create({ payment_intent: 'pi_x' }), { code: 'resource_missing', param: 'payment_intent' })
  await t.rejects(client.refunds.create({}), { message: /One of the following params should be provided/ })
})

t.test('lists are paged newest first, filtered and checked', async (t) => {
  const { client, control } = await startStripe(t)
  const ids: string[] = []
  for (let index = 0; index < 5; index++) ids.unshift((await client.checkout.sessions.create(base)).id)
  const first = await client.checkout.sessions.list({ limit: 2 })
  t.strictSame([first.data.map(({ id }) => id), first.has_more], [ids.slice(0, 2), true])
  const second = await client.checkout.sessions.list({ limit: 3, starting_after: ids[1] ?? '' })
  t.strictSame([second.data.map(({ id }) => id), second.has_more], [ids.slice(2), false])
  const back = await client.checkout.sessions.list({ limit: 2, ending_before: ids[3] ?? '' })
  t.strictSame([back.data.map(({ id }) => id), back.has_more], [ids.slice(1, 3), true])
  const all = await client.checkout.sessions.list({ limit: 2 }).autoPagingToArray({ limit: 100 })
  t.equal(all.length, 5)
  await t.rejects(client.checkout.sessions.list({ limit: 101 }), { code: 'parameter_invalid_integer', param: 'limit' })
  await t.rejects(client.checkout.sessions.list({ starting_after: 'cs_x' }), { code: 'resource_missing' })
  await t.rejects(client.checkout.sessions.list({ colour: 'red' } as object), { code: 'parameter_unknown' })

  const paid = await control('POST', `/checkout/sessions/${ids[0]}/pay`)
  const byIntent = await client.checkout.sessions.list({ payment_intent: paid.payment_intent?.id ?? '' })
  t.strictSame(byIntent.data.map(({ id }) => id), [ids[0]])
})

t.test('invoices are listed by subscription, and expand their payments', async (t) => {
  const { client, control } = await startStripe(t)
  const { subscription, invoice, payment_intent: intent } = await control(
    'POST', `/checkout/sessions/${(await client.checkout.sessions.create(monthly)).id}/pay`
  )
  await control('POST', `/subscriptions/${subscription?.id}/renew`)
  const listed = await client.invoices.list({ subscription: subscription?.id ?? '', status: 'paid' })
  t.strictSame(listed.data.map(({ billing_reason: reason }) => reason), ['subscription_cycle', 'subscription_create'])
  t.strictSame((await client.invoices.list({ status: 'open' })).data, [])
  const read = await client.invoices.retrieve(invoice?.id ?? '', { expand: ['payments', 'customer'] })
  t.match(read, { payments: { data: [{ payment: { payment_intent: intent?.id } }] }, customer: { object: 'customer' } })
  t.match(await client.invoicePayments.list({ invoice: invoice?.id ?? '' }), { data: [{ amount_paid: 1900, is_default: true }] })
  await t.rejects(client.invoices.retrieve(invoice?.id ?? '', { expand: ['charge'] }), { message: 'This property cannot be expanded (charge).' })
})

t.test('events are listed by type, time and delivery, for 30 days', async (t) => {
  let now = new Date('2026-11-01T00:00:00Z')
  const { client, control } = await startStripe(t, { now: () => now })
  const pay = async (): Promise<void> => {
    await control('POST', `/checkout/sessions/${(await client.checkout.sessions.create(base)).id}/pay`)
  }
  await pay()
  now = new Date('2026-11-02T00:00:00Z')
  await pay()
  const second = Date.parse('2026-11-02') / 1000
  const typesOf = async (params: Stripe.EventListParams): Promise<string[]> => (await client.events.list(params)).data.map(({ type }) => type)
  t.strictSame(await typesOf({ created: { gte: second } }), [
    'checkout.session.completed', 'payment_intent.succeeded', 'charge.succeeded', 'payment_intent.created'
  ])
  t.strictSame(await typesOf({ type: 'charge.succeeded' }), ['charge.succeeded', 'charge.succeeded'])
  t.strictSame(await typesOf({ type: 'charge.*', created: { lt: second } }), ['charge.succeeded'])
  t.strictSame(await typesOf({ types: ['charge.succeeded', 'checkout.session.completed'], created: { gt: second - 1 } }), ['checkout.session.completed', 'charge.succeeded'])
  t.strictSame(await typesOf({ delivery_success: false }), [], 'without an endpoint nothing is owed')
  await t.rejects(client.events.list({ type: 'a', types: ['b'] }), { message: /only specify one/ })
  now = new Date('2026-12-02T00:00:00Z')
  t.equal((await typesOf({})).length, 4, 'those of the first day are gone')
})

t.test('the catalogue has the default prices', async (t) => {
  const { client } = await startStripe(t, {
    prices: [{ id: 'price_quarterly', unitAmount: 5000, currency: 'EUR', productName: 'Pro plan', interval: 'month', intervalCount: 3 }]
  })
  const { data } = await client.prices.list({ active: true })
  t.strictSame(data.map(({ id, unit_amount: amount, currency }) => [id, amount, currency]).sort(), [
    ['price_quarterly', 5000, 'eur'],
    ['price_sandbox_eur', 4900, 'eur'],
    ['price_sandbox_monthly', 1900, 'usd'],
    ['price_sandbox_onetime', 4900, 'usd'],
    ['price_sandbox_yearly', 19000, 'usd']
  ])
  const price = await client.prices.retrieve('price_quarterly', { expand: ['product'] })
  t.match(price, { recurring: { interval: 'month', interval_count: 3 }, product: { name: 'Pro plan' } })
})
