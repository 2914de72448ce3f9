import t from 'tap'
import { startReceiver, startStripe } from '../helpers/stripe.js'

const account = 'acct_1Partner'
const options = { stripeAccount: account }

t.test('what is made for a connected account is its own, and its events say so', async t => {
  const receiver = await startReceiver(t)
  const { client, control } = await startStripe(t, { webhookUrl: receiver.url })
  const params = { mode: 'payment' as const, success_url: 'https://shop.example/done', line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }] }
  const theirs = await client.checkout.sessions.create(params, options)
  const ours = await client.checkout.sessions.create(params)
  const paid = await control('POST', `/checkout/sessions/${theirs.id}/pay`, {}, account)
  await control('POST', `/checkout/sessions/${ours.id}/pay`)
  t.same(receiver.events.map((event) => [event.type, event.account]), [
    ['payment_intent.created', account], ['charge.succeeded', account], ['payment_intent.succeeded', account], ['checkout.session.completed', account],
    ['payment_intent.created', undefined], ['charge.succeeded', undefined], ['payment_intent.succeeded', undefined], ['checkout.session.completed', undefined]
  ])

  const missing = { statusCode: 404, code: 'resource_missing' }
  t.match(await client.checkout.sessions.retrieve(theirs.id, {}, options), { id: theirs.id, payment_status: 'paid' })
  await t.rejects(client.checkout.sessions.retrieve(theirs.id), { ...missing, message: `No such checkout.session: '${theirs.id}'` })
  await t.rejects(client.checkout.sessions.retrieve(ours.id, {}, options), missing)
  await t.rejects(client.checkout.sessions.retrieve(theirs.id, {}, { stripeAccount: 'acct_2Other' }), missing)
  await t.rejects(client.charges.retrieve(paid.charge?.id ?? ''), missing)
  await t.rejects(client.checkout.sessions.expire(theirs.id), missing)
  const listed = async (stripeAccount?: string) => (await client.checkout.sessions.list({}, stripeAccount === undefined ? {} : { stripeAccount })).data.map(({ id }) => id)
  t.same([await listed(), await listed(account), await listed('acct_2Other')], [[ours.id], [theirs.id], []])
  t.equal((await client.events.list()).data.length, 4)
  t.equal((await client.events.list({}, options)).data.length, 4)

  const refund = await client.refunds.create({ payment_intent: paid.payment_intent?.id ?? '' }, options)
  t.match(await client.refunds.retrieve(refund.id, {}, options), { amount: 4900 })
  await t.rejects(client.refunds.retrieve(refund.id), missing)
  t.match((await client.events.list({ type: 'refund.created' }, options)).data, [{ account, data: { object: { id: refund.id } } }])
})

t.test('an event can be sent once more as one of a connected account, and lookups tell which account they named', async t => {
  const receiver = await startReceiver(t)
  const { client, control, url } = await startStripe(t, { webhookUrl: receiver.url })
  const { id } = await client.paymentIntents.create({ amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' })
  await receiver.received(3)
  const original = receiver.events.find(({ type }) => type === 'payment_intent.succeeded')
  const copied = await control('POST', `/events/${original?.id}/copy`, { account })
  t.match(copied.events, [{ type: 'payment_intent.succeeded', delivery: 'delivered' }])
  const copy = receiver.events.at(-1)
  t.match(copy, { account, type: 'payment_intent.succeeded', data: { object: { id } } })
  t.not(copy?.id, original?.id)
  t.notOk('account' in (original ?? {}))
  await t.rejects(control('POST', '/events/evt_x/copy', { account }), /404.*NOT_FOUND/)
  await t.rejects(control('POST', `/events/${original?.id}/copy`, { account: 'me' }), /400/)

  await t.rejects(client.paymentIntents.retrieve(id, {}, options), { code: 'resource_missing' })
  const { requests } = await (await fetch(`${url}/_sandbox/requests`)).json() as { requests: object[] }
  t.same(requests, [
    { method: 'POST', url: '/v1/payment_intents', account: null },
    { method: 'GET', url: `/v1/payment_intents/${id}`, account }
  ])
})
