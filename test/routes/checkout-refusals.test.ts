import t from 'tap'
import type { Test } from 'tap'
import { matchError } from '../helpers/errors.js'
import { startService } from '../helpers/service.js'

const service = await startService(t, { overrides: { stripeTimeoutMs: 400 } })
const { state } = service.stripe.sandbox.stripe
const ONE_TIME = { priceId: 'price_sandbox_onetime', mode: 'payment' }
const ada = await service.signUp()
const eve = await service.signUp()

const checkOut = (accessToken: string, body: object = ONE_TIME, idempotencyKey?: string, from = service) =>
  from.request<{ sessionId: string }>('POST', '/api/checkout', body, {
    authorization: `Bearer ${accessToken}`, ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey })
  })

async function misbehave (t: Test, behaviour: object) {
  await service.stripe.control('POST', '/behaviour', behaviour)
  t.teardown(() => service.stripe.control('DELETE', '/behaviour'))
}

t.test('the same key makes one session, also when both requests come at once', async t => {
  const sessions = state.sessions.size
  const answers = await Promise.all([1, 2, 3].map(() => checkOut(ada.accessToken, ONE_TIME, 'click-on-buy')))
  t.same(answers.map(({ status }) => status), [201, 201, 201])
  t.equal(new Set(answers.map(({ body }) => body.sessionId)).size, 1)
  t.equal(state.sessions.size, sessions + 1)
})

t.test('without a key every request makes a session', async t => {
  const [one, other] = [await checkOut(ada.accessToken), await checkOut(ada.accessToken)]
  t.not(one.body.sessionId, other.body.sessionId)
})

t.test('the keys of two users never meet', async t => {
  const [hers, his] = [await checkOut(ada.accessToken, ONE_TIME, 'buy'), await checkOut(eve.accessToken, ONE_TIME, 'buy')]
  t.match([hers.status, his.status], [201, 201])
  t.not(hers.body.sessionId, his.body.sessionId)
  t.equal(state.sessions.get(his.body.sessionId)?.client_reference_id, eve.userId)
})

t.test('a key that was used for something else is refused, in words that name it', async t => {
  await checkOut(ada.accessToken, ONE_TIME, 'used')
  const answer = await checkOut(ada.accessToken, { ...ONE_TIME, quantity: 2 }, 'used')
  matchError(t, answer, 'IDEMPOTENCY_KEY_REUSED', /came with another purchase before/)
})

t.test('what Stripe refuses is told in Stripe\'s words', async t => {
  matchError(t, await checkOut(ada.accessToken, { priceId: 'price_unknown', mode: 'payment' }), 'STRIPE_REJECTED', /^Stripe: No such price: 'price_unknown'/)
  matchError(t, await checkOut(ada.accessToken, { ...ONE_TIME, mode: 'subscription' }), 'STRIPE_REJECTED', /^Stripe: .*recurring/)
  matchError(t, await checkOut(ada.accessToken, { priceId: 'price_sandbox_monthly', mode: 'payment' }), 'STRIPE_REJECTED', /^Stripe: .*recurring/)
})

t.test('only prices on sale are sold, when they are listed', async t => {
  const shop = await startService(t, {
    stripe: service.stripe,
    affitor: service.affitor,
    connectionString: service.connectionString,
    variables: { CHECKOUT_PRICE_IDS: 'price_sandbox_monthly, price_sandbox_yearly' }
  })
  matchError(t, await checkOut(ada.accessToken, ONE_TIME, undefined, shop), 'INVALID_REQUEST',
    'body/priceId must be one of the prices on sale: price_sandbox_monthly, price_sandbox_yearly')
  for (const priceId of ['price_sandbox_monthly', 'price_sandbox_yearly']) {
    t.equal((await checkOut(ada.accessToken, { priceId, mode: 'subscription' }, undefined, shop)).status, 201)
  }
})

for (const failStatus of [401, 403]) {
  t.test(`Stripe's ${failStatus} is the operator's to mend`, async t => {
    await misbehave(t, { failStatus })
    matchError(t, await checkOut(ada.accessToken), 'STRIPE_MISCONFIGURED')
  })
}

for (const [title, behaviour] of Object.entries({
  'is overwhelmed (429)': { failStatus: 429 },
  'has a fault (500)': { failStatus: 500 },
  'is away (503)': { failStatus: 503 },
  'is still busy with the same key (409)': { failStatus: 409 },
  'breaks the connection': { dropConnection: true },
  'does not answer in time': { latencyMs: 1_000 }
})) {
  t.test(`when Stripe ${title}, the caller is asked to come again`, async t => {
    await misbehave(t, behaviour)
    matchError(t, await checkOut(ada.accessToken), 'STRIPE_UNAVAILABLE')
  })
}

t.test('one failure of Stripe is not the caller\'s', async t => {
  await misbehave(t, { failStatus: 500, times: 1 })
  t.equal((await checkOut(ada.accessToken)).status, 201)
})

t.test('an address that nobody listens on is Stripe away', async t => {
  const lost = await startService(t, {
    stripe: { ...service.stripe, url: 'http://127.0.0.1:1' }, affitor: service.affitor, connectionString: service.connectionString
  })
  matchError(t, await checkOut(ada.accessToken, ONE_TIME, undefined, lost), 'STRIPE_UNAVAILABLE')
})
