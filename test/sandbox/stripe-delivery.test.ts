import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Stripe from 'stripe'
import t from 'tap'
import { buildStripeSandbox } from '../../sandbox/stripe/index.js'
import { startReceiver, startStripe } from '../helpers/stripe.js'
import type { RunningStripe } from '../helpers/stripe.js'

async function openSession (stripe: RunningStripe): Promise<string> {
  const session = await stripe.client.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }],
    success_url: 'https://shop.example/done'
  })
  return session.id
}

t.test('a delivery that failed is tried again until it is accepted', async (t) => {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t, { webhookUrl: receiver.url, webhookRetryMs: 300 })
  receiver.answers.push(500, null)
  const id = await openSession(stripe)
  const paid = await stripe.control('POST', `/checkout/sessions/${id}/pay`)
  t.match(paid.events[0], { delivery: 'pending', attempts: 1, status: 500 }, 'the answer waits for the first attempt only')
  t.match(paid.events[1], { delivery: 'pending', attempts: 1, status: null })
  await receiver.received(4)
  const event = await stripe.client.events.retrieve(paid.events[0]?.id ?? '')
  t.equal(event.pending_webhooks, 0)
  t.equal(stripe.sandbox.stripe.state.events.get(event.id)?.attempts.length, 2)
})

t.test('held events are sent when they are released', async (t) => {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t, { webhookUrl: receiver.url })
  await stripe.control('POST', '/behaviour', { holdWebhooks: true })
  const id = await openSession(stripe)
  const paid = await stripe.control('POST', `/checkout/sessions/${id}/pay`)
  t.ok(paid.events.every(({ delivery }) => delivery === 'held'))
  t.equal(receiver.events.length, 0)
  const missed = await stripe.client.events.list({ delivery_success: false })
  t.equal(missed.data.length, 4)
  const released = await stripe.control('POST', '/events/release')
  t.ok(released.events.every(({ delivery }) => delivery === 'delivered'))
  t.strictSame(receiver.events.map(({ type }) => type), paid.events.map(({ type }) => type))
  t.strictSame((await stripe.client.events.list({ delivery_success: false })).data, [])
})

t.test('an event can be sent again; it is the same one', async (t) => {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t, { webhookUrl: receiver.url })
  const paid = await stripe.control('POST', `/checkout/sessions/${await openSession(stripe)}/pay`)
  await stripe.control('POST', `/events/${paid.events[3]?.id}/resend`)
  t.equal(receiver.events.length, 5)
  t.strictSame(receiver.events[4], receiver.events[3])
  await t.rejects(stripe.control('POST', '/events/evt_none/resend'), /404.*NOT_FOUND/)
})

t.test('the webhook address may be set later; nobody is told of what happened before', async (t) => {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t)
  const before = await stripe.control('POST', `/checkout/sessions/${await openSession(stripe)}/pay`)
  t.ok(before.events.every(({ delivery }) => delivery === 'no_endpoint'))
  stripe.sandbox.stripe.setWebhookUrl(receiver.url)
  await stripe.control('POST', `/checkout/sessions/${await openSession(stripe)}/pay`)
  t.equal(receiver.events.length, 4)
})

t.test('another secret does not verify', async (t) => {
  const receiver = await startReceiver(t)
  const stripe = await startStripe(t, { webhookUrl: receiver.url })
  await stripe.control('POST', `/checkout/sessions/${await openSession(stripe)}/pay`)
  const header = receiver.headers()['stripe-signature'] ?? ''
  t.match(header, /^t=\d+,v1=[0-9a-f]{64}$/)
  t.throws(() => Stripe.webhooks.constructEvent(JSON.stringify(receiver.events[3]), header, 'whsec_other'), /signature/)
})

t.test('the state survives a restart, and what was not delivered goes out then', async (t) => {
  const receiver = await startReceiver(t)
  const stateFile = join(t.testdir(), 'nested', 'stripe.json')
  const first = await startStripe(t, { stateFile, webhookUrl: 'http://127.0.0.1:9/closed', webhookRetryMs: 60_000 })
  const id = await openSession(first)
  const paid = await first.control('POST', `/checkout/sessions/${id}/pay`)
  t.match(JSON.parse(await readFile(stateFile, 'utf8')), { version: 1, sessions: [{ id, status: 'complete' }] }, 'saved before the answer')
  await first.sandbox.close()

  const second = await startStripe(t, { stateFile, webhookUrl: receiver.url })
  t.match(await second.client.checkout.sessions.retrieve(id), { payment_status: 'paid', payment_intent: paid.payment_intent?.id })
  await receiver.received(4)
  const refund = await second.client.refunds.create({ payment_intent: paid.payment_intent?.id ?? '' })
  t.equal(refund.amount, 4900)
})

t.test('many changes at once are all in the file, which only its owner may read, and nothing else is left', async (t) => {
  const directory = t.testdir()
  const stateFile = join(directory, 'stripe.json')
  const stripe = await startStripe(t, { stateFile })
  const made = await Promise.all(Array.from({ length: 30 }, (_, i) => stripe.client.customers.create({ name: `Ada ${i}` })))
  const { customers } = JSON.parse(await readFile(stateFile, 'utf8')) as { customers: Array<{ id: string }> }
  t.same(customers.map(({ id }) => id).sort(), made.map(({ id }) => id).sort(), 'answered means written')
  t.equal((await stat(stateFile)).mode & 0o777, 0o600)
  await stripe.sandbox.close()
  t.same(await readdir(directory), ['stripe.json'])
})

t.test('a state file of an earlier version is read: what that version did not know is empty', async (t) => {
  const stateFile = join(t.testdir(), 'stripe.json')
  const first = await startStripe(t, { stateFile })
  const id = await openSession(first)
  await first.sandbox.close()
  const written = JSON.parse(await readFile(stateFile, 'utf8'))
  for (const added of ['balanceTransactions', 'creditNotes', 'invoiceItems', 'quotes', 'quoteItems', 'owners']) {
    t.same(written[added], [])
    delete written[added]
  }
  await writeFile(stateFile, JSON.stringify(written))
  const second = await startStripe(t, { stateFile })
  t.match(await second.client.checkout.sessions.retrieve(id), { status: 'open' })
})

t.test('a broken state file ends the start with its name', async (t) => {
  const stateFile = join(t.testdir(), 'stripe.json')
  for (const [text, reason] of [['{"version":1,', /is broken: .*JSON/], ['{"version":1}', /"products" is not a list/], ['[]', /expected version 1/]] as const) {
    await writeFile(stateFile, text)
    await t.rejects(buildStripeSandbox({ secretKey: 'sk_test_x', webhookSecret: 'whsec_x', stateFile }), reason)
  }
  t.equal(await readFile(stateFile, 'utf8'), '[]', 'it is left as it was')
})

t.test('a reset forgets everything but the catalogue', async (t) => {
  const stripe = await startStripe(t)
  const id = await openSession(stripe)
  await stripe.control('DELETE', '/state')
  await t.rejects(stripe.client.checkout.sessions.retrieve(id), { code: 'resource_missing', statusCode: 404 })
  t.equal((await stripe.client.prices.list()).data.length, 4)
})

t.test('misbehaviour on demand: errors, dropped connections, latency', async (t) => {
  const stripe = await startStripe(t)
  await stripe.control('POST', '/behaviour', { failStatus: 503, times: 1 })
  await t.rejects(stripe.client.prices.list(), { message: 'The sandbox was told to answer 503.', statusCode: 503 })
  await stripe.client.prices.list()
  await stripe.control('POST', '/behaviour', { failStatus: 503, times: 2, holdWebhooks: true })
  for (const left of [1, 0]) {
    await t.rejects(stripe.client.prices.list(), { message: 'The sandbox was told to answer 503.', statusCode: 503 })
    t.match(await stripe.control('GET', '/overview'), { behaviour: { failStatus: 503, times: left, holdWebhooks: true } })
  }
  await stripe.client.prices.list()
  await stripe.control('POST', '/behaviour', { failStatus: 429 })
  await t.rejects(stripe.client.prices.list(), { type: 'StripeRateLimitError', message: /rate limit/ })
  await stripe.control('POST', '/behaviour', { dropConnection: true })
  await t.rejects(stripe.client.prices.list(), { type: 'StripeConnectionError', message: /connection/ })
  await stripe.control('POST', '/behaviour', { latencyMs: 120 })
  const started = performance.now()
  await stripe.client.prices.list()
  t.ok(performance.now() - started >= 100)
  await stripe.control('DELETE', '/behaviour')
  await stripe.client.prices.list()
  await t.rejects(stripe.control('POST', '/behaviour', { failStatus: 200 }), /400.*failStatus/)
})
