import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Stripe from 'stripe'
import t from 'tap'
import type { Test } from 'tap'
import { webhookEndpoint } from '../../sandbox/stripe/objects/index.js'
import { stripeChecks } from '../../src/checks/stripe.js'
import type { StripeChecksOptions } from '../../src/checks/stripe.js'
import { STRIPE_API_VERSION } from '../../src/stripe/api-version.js'
import { createStripeClient } from '../../src/stripe/client.js'
import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import { fails, findings, passes, skips } from '../helpers/checks.js'
import { startStripe } from '../helpers/stripe.js'
import type { RunningStripe } from '../helpers/stripe.js'

const ADDRESS = 'https://api.shop.example/webhooks/stripe'
const ACCOUNT = 'acct_1SandboxOfThisMachine'
const ANOTHER_ENDPOINT = 'n endpoint\'s version cannot be changed: delete it in Stripe\'s Dashboard under Webhooks, and run "npx fastify-affitor setup", which makes one with the right version.'
const SETUP = `run "npx fastify-affitor setup --url ${ADDRESS}"`
const CHECKOUT = 'POST /api/checkout also needs Checkout Sessions: Write, which cannot be tried without making one.'

type Asked = Pick<RunningStripe, 'url' | 'secretKey'>

/** What each check finds. */
async function verify ({ url, secretKey }: Asked, options: Partial<StripeChecksOptions> = {}) {
  const stripe = createStripeClient({ secretKey, apiUrl: url })
  return await findings(stripeChecks({ stripe, secretKey, livemode: false, webhookUrl: 'https://api.shop.example', ...options }))
}

/** Makes an endpoint as it should be, but for what is told. */
async function makeEndpoint ({ client }: RunningStripe, changed: Partial<Stripe.WebhookEndpointCreateParams> = {}): Promise<Stripe.WebhookEndpoint> {
  return await client.webhookEndpoints.create({ url: ADDRESS, enabled_events: [...NEEDED_EVENT_TYPES] as never, api_version: STRIPE_API_VERSION, ...changed })
}

/** A server that answers everything with one error of Stripe's. */
async function refusing (t: Test, status: number, error: object): Promise<Asked> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'stripe-should-retry': 'false' }).end(JSON.stringify({ error }))
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secretKey: 'sk_test_0123456789' }
}

t.test('everything is found right', async t => {
  const stripe = await startStripe(t)
  const { id } = await makeEndpoint(stripe)
  t.strictSame(await verify(stripe), {
    'stripe-key': passes(`The key is valid, of account ${ACCOUNT}, in test mode.`),
    'stripe-mode': passes('The key is of test mode, as is meant.'),
    clock: passes('The clock of this machine agrees with Stripe\'s.'),
    'stripe-permissions': passes('The key may read all that facts need.'),
    'stripe-endpoint': passes(`The webhook endpoint ${id} leads to ${ADDRESS}.`),
    'stripe-endpoint-events': passes('All 17 needed event types are sent.'),
    'stripe-endpoint-api-version': passes('Events come as snapshots in API version 2026-10-28.endive, which is read.'),
    'stripe-deliveries': passes('Every needed event of the last 3 days was delivered.')
  })
  t.ok(stripe.sandbox.stripe.state.webhookEndpoints.has(id), 'nothing was changed')
})

t.test('without a key nothing is asked', async t => {
  const results = await findings(stripeChecks({ livemode: false }), 1_000)
  t.strictSame(Object.keys(results), [
    'stripe-key', 'stripe-mode', 'clock', 'stripe-permissions', 'stripe-endpoint', 'stripe-endpoint-events', 'stripe-endpoint-api-version', 'stripe-deliveries'
  ])
  for (const result of Object.values(results)) t.match(result, skips('No Stripe key is set.'))
})

t.test('a key that Stripe refuses', async t => {
  const fix = 'Set STRIPE_SECRET_KEY to a key that Stripe\'s Dashboard shows under "API keys", where it also says from which addresses a key may be used.'
  const { url } = await startStripe(t)
  const { clock, 'stripe-key': key, ...others } = await verify({ url, secretKey: 'sk_test_wrong' })
  t.strictSame(key, fails('Stripe does not know the key.', fix))
  t.equal(clock?.status, 'pass', 'a refusal tells the time too')
  t.equal(Object.keys(others).length, 6)
  for (const answer of Object.values(others)) t.strictSame(answer, skips('Not asked: the key is refused.'))
  const expired = await refusing(t, 401, { type: 'invalid_request_error', code: 'api_key_expired', message: 'Expired API Key provided: sk_test_******6789' })
  t.strictSame((await verify(expired))['stripe-key'], fails('The key has expired.', fix))
  const elsewhere = await refusing(t, 403, { type: 'invalid_request_error', message: 'The API key provided does not allow requests from your IP address.' })
  t.strictSame((await verify(elsewhere))['stripe-key'], fails('The key may not be used from the address of this machine.', fix))
})

t.test('Stripe does not answer', async t => {
  const fix = 'Look whether this machine reaches api.stripe.com (firewall, proxy, STRIPE_API_URL) and what https://status.stripe.com says, and run this again.'
  const { 'stripe-key': key, clock, ...others } = await verify({ url: 'http://127.0.0.1:9', secretKey: 'sk_test_0123456789' })
  t.strictSame(key, fails('Stripe cannot be reached (ECONNREFUSED).', fix))
  t.strictSame(clock, skips('No answer of Stripe tells the time.'))
  for (const answer of Object.values(others)) t.strictSame(answer, skips('Not asked: Stripe does not answer.'))
  const broken = await refusing(t, 503, { type: 'api_error', message: 'We are down.' })
  t.strictSame((await verify(broken))['stripe-key'], fails('Stripe answers with status 503.', fix))
})

t.test('a key of the other mode', async t => {
  const test = await startStripe(t)
  const { id } = await makeEndpoint(test)
  const found = await verify(test, { livemode: true })
  t.strictSame(found['stripe-mode'], fails('The key is of test mode, and live mode is meant: events of one mode do not count in the other.',
    'Set STRIPE_SECRET_KEY to a key of live mode (sk_live_... or rk_live_...), or the option livemode to false.'))
  t.strictSame(found['stripe-endpoint'], fails(`The webhook endpoint ${id} is of test mode, and live mode is meant.`,
    `Set STRIPE_SECRET_KEY to a key of live mode, and ${SETUP}.`))
  const live = await startStripe(t, { secretKey: 'rk_live_0123456789' })
  t.strictSame((await verify(live))['stripe-mode'], fails('The key is of live mode, and test mode is meant: events of one mode do not count in the other.',
    'Set STRIPE_SECRET_KEY to a key of test mode (sk_test_... or rk_test_...), or the option livemode to true.'))
})

t.test('a key that does not tell its mode: its balance does', async t => {
  const stripe = await startStripe(t, { secretKey: 'key_0123456789' })
  const found = await verify(stripe)
  t.strictSame(found['stripe-key'], passes(`The key is valid, of account ${ACCOUNT}.`))
  t.strictSame(found['stripe-mode'], passes('The key is of test mode, as is meant.'))
  await stripe.control('POST', '/behaviour', { permissions: ['charge_read'] })
  t.strictSame((await verify(stripe))['stripe-mode'], skips('Neither the key nor Stripe tells the mode: the key lacks the permission Balance: Read.'))
})

t.test('a clock that is wrong', async t => {
  const stripe = await startStripe(t)
  const clockWhen = async (clockAheadSeconds: number) => {
    await stripe.control('POST', '/behaviour', { clockAheadSeconds })
    return (await verify(stripe)).clock
  }
  const fix = 'Have the clocks of all machines that take webhooks set by NTP.'
  t.strictSame(await clockWhen(400), fails('The clock of this machine is about 400 s behind Stripe\'s. A webhook\'s signature is held against it, and good for 300 s.', fix))
  t.strictSame(await clockWhen(-400), fails('The clock of this machine is about 400 s ahead of Stripe\'s. A webhook\'s signature is held against it, and good for 300 s.', fix))
  t.strictSame(await clockWhen(60), passes('The clock of this machine is about 60 s behind Stripe\'s; from 300 s on webhooks are refused. It should be set by NTP.'))
  t.strictSame(await clockWhen(-60), passes('The clock of this machine is about 60 s ahead of Stripe\'s; from 300 s on webhooks are refused. It should be set by NTP.'))
  t.strictSame(await clockWhen(10), passes('The clock of this machine agrees with Stripe\'s.'))
})

t.test('a restricted key', async t => {
  const needed = [
    'charge_read', 'checkout_session_write', 'credit_note_read', 'dispute_read', 'invoice_read', 'payment_intent_read', 'plan_read', 'quote_read',
    'subscription_read'
  ]
  const stripe = await startStripe(t, { secretKey: 'rk_test_0123456789' })
  await makeEndpoint(stripe)
  const may = async (permissions: string[]) => {
    await stripe.control('POST', '/behaviour', { permissions })
    return await verify(stripe)
  }
  await t.test('that may all', async t => {
    const found = await may([...needed, 'event_read', 'product_read', 'webhook_read'])
    t.strictSame(found['stripe-key'], passes(`The key is valid, of account ${ACCOUNT}, in test mode.`), 'it may not see its account')
    t.strictSame(found['stripe-permissions'], passes(`The key may read all that facts need. ${CHECKOUT}`))
    t.equal(found['stripe-endpoint']?.status, 'pass')
    t.equal(found['stripe-deliveries']?.status, 'pass')
  })
  await t.test('that may what facts need', async t => {
    const found = await may(needed)
    t.strictSame(found['stripe-permissions'], passes('The key may read all that facts need. Without Events: Read, "npm run reconcile" and POST /api/facts/stripe-events ' +
      `do not work. Without Products: Read, the storefront has no offers. ${CHECKOUT}`))
    const list = skips('The key may not list webhook endpoints: it lacks the permission Webhook Endpoints: Read.')
    t.strictSame(found['stripe-endpoint'], list)
    t.strictSame(found['stripe-endpoint-events'], list)
    t.strictSame(found['stripe-endpoint-api-version'], list)
    t.strictSame(found['stripe-deliveries'], skips('The key may not list events: it lacks the permission Events: Read.'))
  })
  await t.test('that lacks one', async t => {
    const found = await may([...needed.filter(one => one !== 'plan_read'), 'event_read', 'product_read'])
    t.strictSame(found['stripe-permissions'], fails('The key lacks a permission: Prices: Read.',
      `In Stripe's Dashboard under "API keys", give it Prices: Read. ${CHECKOUT}`))
  })
  await t.test('that may nothing', async t => {
    const found = await may([])
    t.strictSame(found['stripe-permissions'], fails('The key lacks permissions: Charges and Refunds: Read, Checkout Sessions: Read, Credit notes: Read, Disputes: Read, ' +
      'Invoices: Read, PaymentIntents: Read, Prices: Read, Quotes: Read, Subscriptions: Read.',
    'In Stripe\'s Dashboard under "API keys", give it Charges and Refunds: Read, Checkout Sessions: Read, Credit notes: Read, Disputes: Read, ' +
      `Invoices: Read, PaymentIntents: Read, Prices: Read, Quotes: Read, Subscriptions: Read, Events: Read, Products: Read. ${CHECKOUT}`))
  })
})

t.test('no endpoint leads to the webhook', async t => {
  const stripe = await startStripe(t)
  const found = await verify(stripe)
  t.strictSame(found['stripe-endpoint'], fails(`No webhook endpoint at Stripe leads to ${ADDRESS}.`, `Make one: ${SETUP}.`))
  t.strictSame(found['stripe-endpoint-events'], skips(`Not asked: no webhook endpoint leads to ${ADDRESS}.`))
  t.strictSame(found['stripe-endpoint-api-version'], skips(`Not asked: no webhook endpoint leads to ${ADDRESS}.`))
  await makeEndpoint(stripe, { url: 'https://other.example/webhooks/stripe' })
  await makeEndpoint(stripe, { url: 'https://api.shop.example/webhooks/stripe/' })
  t.strictSame((await verify(stripe))['stripe-endpoint'], fails(
    `No webhook endpoint at Stripe leads to ${ADDRESS}. One leads to https://api.shop.example/webhooks/stripe/, on the same host.`,
    `If that one is meant, change its address in Stripe's Dashboard under Webhooks; otherwise make one: ${SETUP}.`))
})

t.test('the address of the webhook is not one of Stripe\'s endpoints', async t => {
  const stripe = await startStripe(t)
  const unknown = await verify(stripe, { webhookUrl: undefined })
  t.strictSame(unknown['stripe-endpoint'], skips('The webhook\'s address is not known: give --url, or set PUBLIC_URL (option webhook.url).'))
  t.strictSame(unknown['stripe-endpoint-events'], unknown['stripe-endpoint'])
  const local = await verify(stripe, { webhookUrl: 'http://localhost:3000' })
  t.strictSame(local['stripe-endpoint'],
    skips('Stripe sends nothing to localhost:3000, which only this machine reaches; "stripe listen --forward-to http://localhost:3000/webhooks/stripe" brings its events here.'))
  const wrong = await verify(stripe, { webhookUrl: 'api.shop.example' })
  t.strictSame(wrong['stripe-endpoint'], fails('"api.shop.example" is no web address: give one such as https://api.example.com.',
    'Set PUBLIC_URL to the address under which Stripe reaches the app, such as https://api.example.com.'))
  t.strictSame(wrong['stripe-endpoint-api-version'], skips('Not asked: the address of the webhook is wrong.'))
})

t.test('an endpoint on the second page is found', async t => {
  const stripe = await startStripe(t)
  const { webhookEndpoints } = stripe.sandbox.stripe.state
  const ours = webhookEndpoint({ url: ADDRESS })
  for (const one of [ours, ...Array.from({ length: 100 }, () => webhookEndpoint())]) webhookEndpoints.set(one.id, one)
  t.strictSame((await verify(stripe))['stripe-endpoint'], passes(`The webhook endpoint ${ours.id} leads to ${ADDRESS}.`))
})

t.test('an endpoint that is disabled', async t => {
  const stripe = await startStripe(t)
  const { id } = await makeEndpoint(stripe)
  await stripe.client.webhookEndpoints.update(id, { disabled: true })
  t.strictSame((await verify(stripe))['stripe-endpoint'], fails(`The webhook endpoint ${id} is disabled: Stripe sends it nothing.`,
    `Enable it: ${SETUP}, or enable it in Stripe's Dashboard under Webhooks.`))
})

t.test('two endpoints for one address', async t => {
  let now = new Date(Date.now() - 60_000)
  const stripe = await startStripe(t, { now: () => now })
  const { id: first } = await makeEndpoint(stripe)
  now = new Date()
  const { id: second } = await makeEndpoint(stripe)
  t.strictSame((await verify(stripe))['stripe-endpoint'], fails(
    `2 webhook endpoints lead to ${ADDRESS}: ${first}, ${second}. Each event comes from all of them, and those whose secret is not in STRIPE_WEBHOOK_SECRET are refused.`,
    'Delete all but one in Stripe\'s Dashboard under Webhooks, and keep in STRIPE_WEBHOOK_SECRET its secret.'))
  const connected = { connectedAccounts: ['acct_1'] }
  t.strictSame((await verify(stripe, connected))['stripe-endpoint'], passes(`The webhook endpoints ${first} and ${second} lead to ${ADDRESS}, one of them for connected accounts.`))
  await stripe.client.webhookEndpoints.update(second, { disabled: true })
  t.strictSame((await verify(stripe))['stripe-endpoint'], passes(`The webhook endpoint ${first} leads to ${ADDRESS}.`))
})

t.test('what an endpoint sends', async t => {
  const stripe = await startStripe(t)
  const { id } = await makeEndpoint(stripe, { enabled_events: [...NEEDED_EVENT_TYPES].filter(type => !/^(invoice\.paid|refund\.failed)$/.test(type)) as never })
  const sent = async (enabled: string[]) => {
    await stripe.client.webhookEndpoints.update(id, { enabled_events: enabled as never })
    return (await verify(stripe))['stripe-endpoint-events']
  }
  t.strictSame((await verify(stripe))['stripe-endpoint-events'], fails(`The webhook endpoint ${id} does not send invoice.paid, refund.failed.`,
    `Add them: ${SETUP}, or edit it in Stripe's Dashboard under Webhooks.`))
  t.strictSame(await sent([...NEEDED_EVENT_TYPES, 'payout.paid', 'customer.created']), passes('All 17 needed event types are sent. 2 more are sent, and ignored.'))
  t.strictSame(await sent(['*']), passes('Every event type is sent; the 17 needed ones are read, the others ignored.'))
})

t.test('the API version of an endpoint', async t => {
  const found = async (version: string | undefined, hasEvent = false) => {
    const stripe = await startStripe(t)
    const { id } = await makeEndpoint(stripe, { api_version: version as never })
    if (hasEvent) await stripe.client.customers.create({ email: 'ann@example.com' })
    return { id, stripe, answer: (await verify(stripe))['stripe-endpoint-api-version'] }
  }
  const old = await found('2019-12-03')
  t.strictSame(old.answer, fails(`The webhook endpoint ${old.id} has API version 2019-12-03; versions since 2020-08-27 are read.`, `A${ANOTHER_ENDPOINT}`))
  const newer = await found('2027-03-31.fennel')
  t.strictSame(newer.answer, fails(
    `The webhook endpoint ${newer.id} has API version 2027-03-31.fennel, which is newer than the newest that is read, 2026-10-28.endive.`,
    `Update fastify-affitor. If this is the newest one: a${ANOTHER_ENDPOINT}`))
  t.strictSame((await found('2020-08-27')).answer, passes('Events come as snapshots in API version 2020-08-27, which is read.'))
  t.equal((await found('2027-02-24.endive')).answer?.status, 'pass', 'a newer month of the same family')
  t.strictSame((await found(undefined, true)).answer, passes('Events come as snapshots in API version 2026-10-28.endive, which is read.'), 'the account\'s')
  const untold = await found(undefined)
  t.strictSame(untold.answer,
    skips(`The webhook endpoint ${untold.id} has the account's API version, and no event tells yet which that is. Versions since 2020-08-27 are read.`))
  const account = await found(undefined, true)
  for (const { event } of account.stripe.sandbox.stripe.state.events.values()) event.api_version = '2017-08-15'
  t.strictSame((await verify(account.stripe))['stripe-endpoint-api-version'],
    fails(`The webhook endpoint ${account.id} has API version 2017-08-15, the account's; versions since 2020-08-27 are read.`, `A${ANOTHER_ENDPOINT}`))
})

t.test('events that did not arrive', async t => {
  const fix = 'See in Stripe\'s Dashboard under Webhooks why deliveries fail. Then resend them there or with the Stripe CLI ("stripe events resend"); ' +
    'the standalone service fetches them with "npm run reconcile -- --since 3d --undelivered".'
  const at = (minutesAgo: number) => new Date(Math.floor(Date.now() / 1000) * 1000 - minutesAgo * 60_000)
  const text = (time: Date) => time.toISOString().replace('.000Z', 'Z')
  let now = at(5)
  const stripe = await startStripe(t, { now: () => now, webhookUrl: 'http://127.0.0.1:9/webhooks/stripe' })
  await stripe.control('POST', '/behaviour', { holdWebhooks: true })
  const subscribe = async () => { await stripe.control('POST', '/subscriptions', { price: 'price_sandbox_monthly' }) }
  await subscribe()
  t.equal((await verify(stripe))['stripe-deliveries']?.status, 'pass', 'a young one may be on its way still')
  const older = now = at(180)
  await subscribe()
  const four = fails(`4 needed events of the last 3 days did not reach every webhook endpoint of the account: of ${text(older)}.`, fix)
  t.strictSame((await verify(stripe))['stripe-deliveries'], four)
  now = at(5 * 1440)
  await subscribe()
  t.strictSame((await verify(stripe))['stripe-deliveries'], four, 'those of five days ago are past')
  now = at(120)
  await subscribe()
  t.strictSame((await verify(stripe))['stripe-deliveries'],
    fails(`8 needed events of the last 3 days did not reach every webhook endpoint of the account: from ${text(older)} to ${text(now)}.`, fix))
  const newer = now = at(60)
  for (let count = 0; count < 5; count++) await subscribe()
  t.strictSame((await verify(stripe))['stripe-deliveries'],
    fails(`More than 20 needed events of the last 3 days did not reach every webhook endpoint of the account: the newest 20 of ${text(newer)}.`, fix))
})
