import t from 'tap'
import { startReceiver, startStripe } from '../helpers/stripe.js'

const params = {
  mode: 'subscription' as const,
  line_items: [{ price: 'price_sandbox_monthly', quantity: 2 }],
  success_url: 'https://shop.example/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://shop.example/left'
}

function submit (url: string, body = ''): Promise<Response> {
  return fetch(url, {
    method: 'POST', body, redirect: 'manual', headers: { 'content-type': 'application/x-www-form-urlencoded' }
  })
}

t.test('the payment page shows the order and takes the buyer on', async (t) => {
  const receiver = await startReceiver(t)
  const { client } = await startStripe(t, { webhookUrl: receiver.url })
  const { id, url } = await client.checkout.sessions.create(params)
  const page = await fetch(url ?? '')
  t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  const html = await page.text()
  for (const text of ['Pro plan × 2, every month', '$38.00', 'Pay later (bank debit)', 'Cancel', '<label for="email">E-mail</label>']) {
    t.ok(html.includes(text), text)
  }
  const left = await submit(`${url}/cancel`)
  t.strictSame([left.status, left.headers.get('location')], [303, 'https://shop.example/left'])
  const wrong = await submit(`${url}/pay`, 'email=nobody')
  t.equal(wrong.status, 400)
  const done = await submit(`${url}/pay`, 'email=ann%40example.com')
  t.strictSame([done.status, done.headers.get('location')], [303, `https://shop.example/done?session=${id}`])
  t.equal(receiver.events.at(-1)?.type, 'checkout.session.completed', 'the shop knows before the buyer is back')
  t.match(await client.checkout.sessions.retrieve(id), { payment_status: 'paid', customer_details: { email: 'ann@example.com' } })
  t.match(await (await fetch(`${url}`)).text(), /This Checkout Session is complete/)
  t.equal((await submit(`${url}/pay`)).status, 409, 'nobody pays twice')
})

t.test('a bank debit leaves the session unpaid; names are escaped', async (t) => {
  const { client, url: base } = await startStripe(t, {
    prices: [{ id: 'price_odd', unitAmount: 100, currency: 'eur', productName: '<b>"&' }]
  })
  const { id, url } = await client.checkout.sessions.create({
    mode: 'payment', line_items: [{ price: 'price_odd', quantity: 1 }], success_url: params.success_url, customer_email: 'a@b.co'
  })
  const html = await (await fetch(url ?? '')).text()
  t.ok(html.includes('&lt;b&gt;&quot;&amp;'))
  t.notOk(html.includes('name="email"'), 'a known address is not asked for')
  t.notOk(html.includes('Cancel'), 'no way back without a cancel address')
  t.equal((await submit(`${url}/bank-debit`)).status, 303)
  t.match(await client.checkout.sessions.retrieve(id), { status: 'complete', payment_status: 'unpaid' })
  t.equal((await fetch(`${base}/pay/cs_none`)).status, 404)
})

t.test('the control surface explains what it refuses', async (t) => {
  const { control } = await startStripe(t)
  await t.rejects(control('POST', '/refunds', {}), /"code":"TARGET".*exactly one of payment_intent/)
  await t.rejects(control('POST', '/refunds', { checkout_session: 'cs_x', amount: '5' }), /400.*body\/amount must be integer/)
  await t.rejects(control('POST', '/refunds', { checkout_session: 'cs_x', cents: 5 }), /400.*additional properties/)
  await t.rejects(control('POST', '/refunds', { checkout_session: 'cs_x' }), /404.*'cs_x'/)
  await t.rejects(control('POST', '/nothing'), /404.*no control route/)
  await t.rejects(control('POST', '/subscriptions', { price: 'price_sandbox_onetime' }), /400.*NOT_RECURRING/)
})
