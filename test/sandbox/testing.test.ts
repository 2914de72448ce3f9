import Affitor from '@affitor/sdk/server'
import Fastify from 'fastify'
import Stripe from 'stripe'
import t from 'tap'
import type { Test } from 'tap'
import { API_VERSION } from '../../sandbox/stripe/objects/index.js'
import { startStandIns } from '../../sandbox/testing.js'
import type { StandIns, StandInsOptions } from '../../sandbox/testing.js'

async function start (t: Test, options?: StandInsOptions): Promise<StandIns> {
  const standIns = await startStandIns(options)
  t.teardown(() => standIns.close())
  return standIns
}

/**
 * A small app of a host, told where its accounts are as any app is: it tells Affitor in its webhook handler, without the
 * plugin, so that only the stand-ins are tried here.
 */
async function startApp (t: Test, { affitor, stripe }: StandIns): Promise<{ url: string, client: Stripe, received: Stripe.Event[] }> {
  const client = new Stripe(stripe.secretKey, stripe.config)
  const sdk = new Affitor({ apiKey: affitor.apiKey, apiUrl: affitor.url })
  const received: Stripe.Event[] = []
  const app = Fastify()
  t.teardown(() => app.close())
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/join', async request => {
    const { userId, affitorClickId } = JSON.parse(String(request.body)) as { userId: string, affitorClickId: string }
    return await sdk.trackLead({ customerExternalId: userId, clickId: affitorClickId })
  })
  app.post('/stripe', async request => {
    const event = client.webhooks.constructEvent(request.body as Buffer, String(request.headers['stripe-signature']), stripe.webhookSecret)
    received.push(event)
    if (event.type === 'checkout.session.completed') {
      const { id, metadata, amount_total: amount } = event.data.object
      await sdk.trackSale({ customerExternalId: metadata?.user ?? '', invoiceId: id, amount: amount ?? 0 })
    }
    if (event.type === 'charge.refunded') {
      const { data: [session] } = await client.checkout.sessions.list({ payment_intent: String(event.data.object.payment_intent) })
      await sdk.trackRefund({ invoiceId: session?.id ?? '', refundAmountCents: event.data.object.amount_refunded })
    }
    return {}
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  stripe.deliverTo(`${url}/stripe`)
  return { url, client, received }
}

async function join (url: string, userId: string, affitorClickId: string): Promise<void> {
  const response = await fetch(`${url}/join`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ userId, affitorClickId })
  })
  if (!response.ok) throw new Error(`/join answered ${response.status}`)
}

const buy = (client: Stripe, params: Partial<Stripe.Checkout.SessionCreateParams> = {}) => client.checkout.sessions.create({
  mode: 'payment',
  line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }],
  success_url: 'https://app.example/done',
  metadata: { user: 'user_1' },
  ...params
})

t.test('from the click to the refund, a host sees what Affitor was told', async t => {
  const standIns = await start(t)
  const { affitor, stripe } = standIns
  const { url, client } = await startApp(t, standIns)

  const clickId = await affitor.click()
  await join(url, 'user_1', clickId)
  t.match(affitor.leads(), [{ customerKey: 'user_1', clickId, partnerCode: 'TESTCODE' }])

  const { id } = await buy(client)
  const paid = await stripe.pay(id, { email: 'ann@example.com' })
  t.match(paid.session, { id, payment_status: 'paid', customer_details: { email: 'ann@example.com' } })
  t.ok(paid.events.length > 0 && paid.events.every(({ delivery, status }) => delivery === 'delivered' && status === 200))
  t.match(affitor.sales(), [{ transactionId: id, customerKey: 'user_1', amountCents: 4900, currency: 'USD', partnerCode: 'TESTCODE', commissionCents: 980 }])
  t.equal(affitor.sales().length, 1)

  const { refund } = await stripe.refund(id, 900)
  t.match(refund, { amount: 900, status: 'succeeded' })
  t.match(affitor.refunds(), [{ transactionId: id, amountCents: 900, deductionCents: 180 }])
  t.same(affitor.calls().map(({ endpoint, status }) => [endpoint, status]), [['click', 200], ['lead', 200], ['sale', 200], ['refund', 200]])

  affitor.reset()
  t.same([affitor.calls(), affitor.leads(), affitor.sales(), affitor.refunds()], [[], [], [], []])
})

t.test('a subscription renews, fails, changes and ends', async t => {
  const standIns = await start(t)
  const { stripe } = standIns
  const { client, received } = await startApp(t, standIns)
  const { id } = await buy(client, { mode: 'subscription', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }] })
  const { subscription } = await stripe.pay(id, { discountPercent: 50 })
  const subscriptionId = subscription?.id ?? ''

  t.match((await stripe.renew(subscriptionId)).invoice, { amount_paid: 1900, billing_reason: 'subscription_cycle' })
  const failed = await stripe.renew(subscriptionId, { outcome: 'failed' })
  t.match(failed, { subscription: { status: 'past_due' }, invoice: { status: 'open' } })
  t.match((await stripe.payInvoice(failed.invoice?.id ?? '')).invoice, { status: 'paid' })
  t.match((await stripe.upgrade(subscriptionId, 'price_sandbox_yearly')).invoice, { billing_reason: 'subscription_update' })
  t.match(await stripe.cancel(subscriptionId), { subscription: { status: 'canceled' }, invoice: null })
  t.same(received.filter(({ type }) => type === 'invoice.paid').map(({ data }) => (data.object as Stripe.Invoice).billing_reason),
    ['subscription_create', 'subscription_cycle', 'subscription_cycle', 'subscription_update'])

  const made = await stripe.subscribe({ price: 'price_sandbox_monthly', metadata: { user: 'user_2' }, trialDays: 14 })
  t.match(made.subscription, { status: 'trialing', metadata: { user: 'user_2' } })
})

t.test('payments without Checkout, bank debits, disputes', async t => {
  const standIns = await start(t)
  const { stripe } = standIns
  const { client } = await startApp(t, standIns)

  const intent = await client.paymentIntents.create({ amount: 700, currency: 'usd' })
  t.match(await stripe.payIntent(intent.id), { paymentIntent: { status: 'succeeded' }, charge: { amount: 700 } })
  const { dispute } = await stripe.dispute(intent.id)
  t.match((await stripe.closeDispute(dispute.id, 'lost')).dispute, { status: 'lost', amount: 700 })

  const [cleared, failed, expired] = [await buy(client), await buy(client), await buy(client)]
  for (const { id } of [cleared, failed]) t.match((await stripe.pay(id, { method: 'bank_debit' })).session, { payment_status: 'unpaid' })
  t.match((await stripe.clear(cleared.id)).session, { payment_status: 'paid' })
  t.match((await stripe.failPayment(failed.id)).events, [{ type: 'charge.failed' }])
  t.match((await stripe.expire(expired.id)).session, { status: 'expired' })
  await t.rejects(stripe.pay(expired.id), /is expired, not open/)
  await t.rejects(stripe.refund('sub_1'), /"sub_1" is no id of a Checkout Session/)
})

t.test('Affitor and Stripe fail for as long as they are told to', async t => {
  const standIns = await start(t)
  const { affitor, stripe } = standIns
  const { url, client, received } = await startApp(t, standIns)

  affitor.behave({ failStatus: 503, endpoints: ['lead'], times: 1 })
  const clickId = await affitor.click()
  await join(url, 'user_1', clickId)
  t.same(affitor.leads(), [])
  await join(url, 'user_1', clickId)
  t.equal(affitor.leads().length, 1)

  await stripe.behave({ failStatus: 500, times: 1 })
  await t.rejects(buy(client), /told to answer 500/)
  await stripe.behave({ holdWebhooks: true })
  const { events } = await stripe.pay((await buy(client)).id)
  t.ok(events.every(({ delivery }) => delivery === 'held'))
  t.same(received, [])
  const released = await stripe.release()
  t.same(received.map(({ id }) => id), released.map(({ id }) => id))
  const [first] = received
  t.match(await stripe.resend(first?.id ?? ''), { delivery: 'delivered', type: first?.type })
  t.equal(received.at(-1)?.id, first?.id)
  t.equal(stripe.events().length, released.length, 'the same event, once more')
})

t.test('a host brings its partners, prices, secrets and clock', async t => {
  const { affitor, stripe } = await start(t, {
    partners: [{ code: 'ANN', commissionRate: 0.3 }],
    prices: [{ id: 'price_pro', unitAmount: 2500, currency: 'usd', productName: 'Pro', interval: 'month' }],
    secretKey: 'sk_test_of_the_host',
    webhookSecret: 'whsec_of_the_host',
    now: () => new Date('2026-02-03T04:05:06Z')
  })
  t.match(stripe, { secretKey: 'sk_test_of_the_host', webhookSecret: 'whsec_of_the_host' })
  t.match(await stripe.client().prices.retrieve('price_pro'), { unit_amount: 2500, unit_amount_decimal: '2500', recurring: { interval: 'month' } })
  await affitor.click('ANN')
  await t.rejects(affitor.click(), /Referral link not found/)
  t.equal(affitor.calls()[0]?.at, '2026-02-03T04:05:06.000Z')
  t.match(affitor.options, { apiUrl: affitor.url, apiKey: affitor.apiKey, programId: affitor.programId, testMode: false })
})

t.test('two of them share nothing, and what is closed no longer answers', async t => {
  const [one, other] = [await start(t), await start(t)]
  await one.affitor.click()
  t.equal(one.affitor.calls().length, 1)
  t.same(other.affitor.calls(), [])
  t.not(one.stripe.secretKey, other.stripe.secretKey)
  await one.close()
  await t.rejects(fetch(one.affitor.url))
  await t.rejects(fetch(one.stripe.url))
  t.equal((await fetch(other.stripe.url)).status, 200)
})

t.test('the stand-in writes objects of the version that the stripe package asks for', async t => {
  t.equal(API_VERSION, Stripe.API_VERSION)
})
