import t from 'tap'
import type { Overview } from '../../sandbox/stripe/control/overview.js'
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
  for (const text of ['Pro plan', '2 × $19.00, every month', 'Pay $38.00', 'Pay later (bank debit)', 'Cancel', '<label for="email">E-mail</label>', 'No money moves']) {
    t.ok(html.includes(text), text)
  }
  t.notMatch(html, /<script|style=|unsafe-inline/)
  t.match(page.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
  t.notMatch(page.headers.get('content-security-policy'), 'unsafe-inline')
  const left = await submit(`${url}/cancel`)
  t.strictSame([left.status, left.headers.get('location')], [303, 'https://shop.example/left'])
  for (const [body, problem] of [['email=nobody', 'That is not an e-mail address'], ['', 'Enter your e-mail address']] as const) {
    const wrong = await submit(`${url}/pay`, body)
    t.equal(wrong.status, 400)
    const answer = await wrong.text()
    t.match(answer, /aria-invalid="true" aria-describedby="email-problem"/)
    t.ok(answer.includes(problem), problem)
  }
  const done = await submit(`${url}/pay`, 'email=ann%40example.com')
  t.strictSame([done.status, done.headers.get('location')], [303, `https://shop.example/done?session=${id}`])
  t.equal(receiver.events.at(-1)?.type, 'checkout.session.completed', 'the shop knows before the buyer is back')
  t.match(await client.checkout.sessions.retrieve(id), { payment_status: 'paid', customer_details: { email: 'ann@example.com' } })
  t.match(await (await fetch(`${url}`)).text(), /Paid: this Checkout Session is complete/)
  t.equal((await submit(`${url}/pay`)).status, 409, 'nobody pays twice')
})

t.test('a session that has run out says so', async (t) => {
  const { client, control } = await startStripe(t)
  const { id, url } = await client.checkout.sessions.create(params)
  await control('POST', `/checkout/sessions/${id}/expire`)
  const html = await (await fetch(`${url}`)).text()
  t.match(html, /This Checkout Session has expired/)
  t.notMatch(html, '<button')
})

t.test('a customer without an address is asked for it, as Stripe does', async (t) => {
  const { client } = await startStripe(t)
  const customer = await client.customers.create({})
  const { url } = await client.checkout.sessions.create({ ...params, customer: customer.id })
  t.match(await (await fetch(`${url}`)).text(), 'name="email"')
  t.equal((await submit(`${url}/pay`, 'email=ann%40example.com')).status, 303)
  t.match(await client.customers.retrieve(customer.id), { email: 'ann@example.com' })
})

t.test('the overview joins what belongs together', async (t) => {
  const { client, control, url: base } = await startStripe(t)
  const { id } = await client.checkout.sessions.create({ ...params, customer_email: 'ann@example.com' })
  const overview = async (): Promise<Overview> => await (await fetch(`${base}/_sandbox/overview`)).json() as Overview
  t.match(await overview(), { sessions: [{ id, title: 'Pro plan × 2 every month', email: 'ann@example.com', amount: 3800, state: 'open' }], payments: [] })
  await control('POST', `/checkout/sessions/${id}/pay`, { method: 'bank_debit' })
  t.match(await overview(), { sessions: [{ state: 'waiting', url: null }], payments: [{ status: 'waiting', waitingSession: id, refundable: 0, disputable: false }] })
  await control('POST', `/checkout/sessions/${id}/clear`)
  const { payments: [payment], subscriptions: [made] } = await overview()
  t.match(payment, { title: 'Pro plan', email: 'ann@example.com', status: 'paid', reason: 'first', waitingSession: null, refundable: 3800, disputable: true })
  t.match(made, { title: 'Pro plan × 2', status: 'active', interval: 'every month', unpaidInvoice: null, upgrades: [{ id: 'price_sandbox_yearly' }] })

  await control('POST', '/refunds', { payment_intent: payment?.id, amount: 800 })
  const { dispute } = await control('POST', '/disputes', { payment_intent: payment?.id })
  await control('POST', `/subscriptions/${made?.id}/renew`, { outcome: 'failed' })
  const later = await overview()
  t.match(later.payments, [
    { status: 'failed', reason: 'renewal', refundable: 0 },
    { status: 'partly_refunded', refundable: 0, disputable: false, refunds: [{ amount: 800 }], disputes: [{ id: dispute.id, open: true }] }
  ])
  t.match(later.subscriptions, [{ status: 'past_due', unpaidInvoice: /^in_/ }])
  t.match(later.events[0], { type: 'customer.subscription.updated', delivery: 'no_endpoint', object: made?.id })
})

t.test('a bank debit leaves the session unpaid; names are escaped', async (t) => {
  const { client, url: base } = await startStripe(t, {
    prices: [{ id: 'price_odd', unitAmount: 100, currency: 'eur', productName: '<b>"&' }]
  })
  const { id, url } = await client.checkout.sessions.create({
    mode: 'payment', line_items: [{ price: 'price_odd', quantity: 1 }], success_url: params.success_url, customer_email: 'a@b.co'
  })
  const html = await (await fetch(url ?? '')).text()
  t.notMatch(html, '<b>')
  t.notOk(html.includes('name="email"'), 'a known address is not asked for')
  t.notOk(html.includes('>Cancel<'), 'no way back without a cancel address')
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
