import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'
import { startStripe } from '../helpers/stripe.js'

const service = await startService(t, {
  variables: {
    CHECKOUT_SUCCESS_URL: 'https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}',
    CHECKOUT_CANCEL_URL: 'https://shop.example/pricing'
  }
})
const atStripe = service.stripe.sandbox.stripe.state
const ONE_TIME = { priceId: 'price_sandbox_onetime', mode: 'payment' }
const MONTHLY = { priceId: 'price_sandbox_monthly', mode: 'subscription' }

const checkOut = (accessToken: string, body: object, headers: Record<string, string> = {}) =>
  service.request<{ sessionId: string, url: string }>('POST', '/api/checkout', body, { authorization: `Bearer ${accessToken}`, ...headers })

t.test('the buyer is sent to a Checkout Session of their own', async t => {
  const { userId, email, accessToken } = await service.signUp()
  const { status, body } = await checkOut(accessToken, { ...ONE_TIME, quantity: 3 })
  t.equal(status, 201)
  t.equal(body.url, `${service.stripe.url}/pay/${body.sessionId}`)
  t.match(atStripe.sessions.get(body.sessionId), {
    client_reference_id: userId,
    customer_email: email,
    customer: null,
    mode: 'payment',
    amount_total: 3 * 4900,
    success_url: 'https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://shop.example/pricing'
  })
})

t.test('a payment carries the attribution on the session and on its payment intent', async t => {
  const { userId, accessToken } = await service.signUp({ affitorClickId: 'click_1' })
  const { sessionId } = (await checkOut(accessToken, ONE_TIME)).body
  const attribution = { affitor_customer_key: userId, program_id: '42', affitor_click_id: 'click_1' }
  t.same(atStripe.sessions.get(sessionId)?.metadata, attribution)
  t.same(atStripe.drafts.get(sessionId)?.subscriptionData.metadata, {})

  const { payment_intent: intent, charge } = await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  t.same(intent?.metadata, attribution)
  t.same(charge?.metadata, attribution)
})

t.test('a subscription carries the attribution on the session and on itself', async t => {
  const { userId, accessToken } = await service.signUp({ affitorClickId: 'click_2' })
  const { sessionId } = (await checkOut(accessToken, MONTHLY)).body
  const attribution = { affitor_customer_key: userId, program_id: '42', affitor_click_id: 'click_2' }
  t.same(atStripe.sessions.get(sessionId)?.metadata, attribution)
  t.same(atStripe.drafts.get(sessionId)?.paymentIntentData.metadata, {})

  const { subscription } = await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  t.same(subscription?.metadata, attribution)
})

const clicks: Array<[title: string, atSignup: string | undefined, body: string | null | undefined, cookie: string | undefined, expected: string | undefined]> = [
  ['of the signup', 'signup', undefined, undefined, 'signup'],
  ['of the cookie rather than the signup', 'signup', undefined, 'cookie', 'cookie'],
  ['of the body rather than the cookie', 'signup', 'body', 'cookie', 'body'],
  ['of the signup when body and cookie are empty', 'signup', '', '', 'signup'],
  ['of the signup when the body\'s is null', 'signup', null, undefined, 'signup'],
  ['of the cookie when nothing else tells', undefined, undefined, 'cookie', 'cookie'],
  ['left out when there is none', undefined, undefined, undefined, undefined]
]
for (const [title, atSignup, inBody, inCookie, expected] of clicks) {
  t.test(`click id: ${title}`, async t => {
    const { accessToken } = await service.signUp(atSignup === undefined ? {} : { affitorClickId: atSignup })
    const { body } = await checkOut(accessToken, { ...ONE_TIME, ...(inBody === undefined ? {} : { affitorClickId: inBody }) },
      inCookie === undefined ? {} : { cookie: `affitor_click_id=${inCookie}` })
    const metadata = atStripe.sessions.get(body.sessionId)?.metadata ?? {}
    t.equal(metadata.affitor_click_id, expected)
    t.equal('affitor_click_id' in metadata, expected !== undefined)
  })
}

t.test('the buyer is the user of the token, whatever the body says', async t => {
  const [ada, eve] = [await service.signUp(), await service.signUp()]
  for (const field of ['userId', 'customerKey', 'affitorCustomerKey', 'client_reference_id', 'customer', 'email']) {
    matchError(t, await checkOut(eve.accessToken, { ...ONE_TIME, [field]: ada.userId }), 'INVALID_REQUEST', new RegExp(field))
  }
  const { sessionId } = (await checkOut(eve.accessToken, ONE_TIME)).body
  t.equal(atStripe.sessions.get(sessionId)?.client_reference_id, eve.userId)
})

t.test('where the buyer lands is not for the caller to say', async t => {
  const { accessToken } = await service.signUp()
  for (const field of ['successUrl', 'success_url', 'cancelUrl', 'returnUrl']) {
    matchError(t, await checkOut(accessToken, { ...ONE_TIME, [field]: 'https://evil.example' }), 'INVALID_REQUEST', new RegExp(field))
  }
})

t.test('a returning buyer is the same customer at Stripe', async t => {
  const { accessToken } = await service.signUp()
  const first = await service.checkOut(accessToken)
  const { customer } = await service.stripe.control('POST', `/checkout/sessions/${first}/pay`, {})
  await service.work()

  t.test('while the customer exists', async t => {
    const { sessionId } = (await checkOut(accessToken, MONTHLY)).body
    t.match(atStripe.sessions.get(sessionId), { customer: customer?.id })
  })

  t.test('and starts afresh, by e-mail, once the customer was deleted there', async t => {
    atStripe.customers.delete(customer?.id ?? '')
    const { status, body } = await checkOut(accessToken, ONE_TIME, { 'idempotency-key': 'after-deletion' })
    t.equal(status, 201)
    t.match(atStripe.sessions.get(body.sessionId), { customer: null, customer_email: /@example\.com$/ })
    t.equal((await checkOut(accessToken, ONE_TIME, { 'idempotency-key': 'after-deletion' })).body.sessionId, body.sessionId, 'once')
  })

  t.test('nobody else is', async t => {
    const other = await service.signUp()
    t.match(atStripe.sessions.get(await service.checkOut(other.accessToken)), { customer: null, customer_email: other.email })
  })
})

t.test('a customer of Stripe\'s test mode is not used with a live key', async t => {
  const { accessToken } = await service.signUp()
  const { customer } = await service.stripe.control('POST', `/checkout/sessions/${await service.checkOut(accessToken)}/pay`, {})
  await service.work()
  const stripe = await startStripe(t, { secretKey: 'sk_live_0123456789' })
  const live = await startService(t, { stripe, affitor: service.affitor, connectionString: service.connectionString })
  // Known there too, or the session would be made without it in any case.
  if (customer !== null) stripe.sandbox.stripe.state.customers.set(customer.id, customer)
  const sessionId = await live.checkOut(accessToken)
  t.match(stripe.sandbox.stripe.state.sessions.get(sessionId), { customer: null, customer_email: /@/ })
})
