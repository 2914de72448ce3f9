import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { NOWHERE } from '../../tools/harness/environment.js'
import { startService } from '../helpers/service.js'
import { query } from '../helpers/sql.js'
import { signature, stripeEvent } from '../helpers/webhook.js'

const service = await startService(t)
const { control } = service.stripe
const { report } = service
const PATH = '/api/stripe-events'
await control('POST', '/behaviour', { holdWebhooks: true })
const payload = async (id: string) => (await query<{ payload: string }>(service.connectionString, 'select payload from stripe_events where id = $1', [id]))[0]?.payload

/** An event of a payment, as Stripe made it. */
async function paidEvent () {
  const { userId, accessToken } = await service.signUp()
  const session = await service.checkOut(accessToken)
  await control('POST', `/checkout/sessions/${session}/pay`, {})
  const event = [...service.stripe.sandbox.stripe.state.events.values()].map(({ event }) => event)
    .findLast(({ type }) => type === 'checkout.session.completed')
  if (event === undefined) throw new Error('no event')
  return { event, userId, session }
}

t.test('an event is fetched from Stripe before it is believed', async t => {
  const { event, userId, session } = await paidEvent()
  const forged = structuredClone(event) as unknown as { data: { object: { amount_total: number } } }
  forged.data.object.amount_total = 1
  t.match(await report(PATH, forged), { status: 200, body: { received: true, stored: true } })
  t.match(await report(PATH, event), { status: 200, body: { received: true, stored: false } }, 'again')
  await service.work()
  t.match((await service.ledger()).find(fact => fact.customerKey === userId && fact.kind === 'sale'),
    { transactionId: session, payload: { amountCents: 4900 }, source: 'stripe', stripeEventId: event.id })
})

t.test('one that Stripe does not have is refused', async t => {
  matchError(t, await report(PATH, stripeEvent({ id: 'evt_made_up' })), 'UNKNOWN_STRIPE_EVENT', /^Stripe has no event evt_made_up\. It keeps events for 30 days/)
  t.equal(await payload('evt_made_up'), undefined)
})

t.test('with Stripe\'s signature over the bytes it is believed as it is', async t => {
  const event = stripeEvent({ id: 'evt_signed' })
  const text = `${JSON.stringify(event, null, 2)}\n`
  const send = (secret: string, ageSeconds = 0) => report(PATH, text, { 'content-type': 'application/json', 'stripe-signature': signature(text, secret, ageSeconds) })
  matchError(t, await send('whsec_of_somebody_else'), 'UNKNOWN_STRIPE_EVENT', /^Stripe has no event evt_signed/)
  matchError(t, await send(service.stripe.webhookSecret, 301), 'UNKNOWN_STRIPE_EVENT', /^Stripe has no event evt_signed/)
  t.match(await send(service.stripe.webhookSecret), { status: 200, body: { received: true, stored: true } })
  t.same(JSON.parse(await payload('evt_signed') ?? ''), event)
})

t.test('an event of a connected account is asked for there', async t => {
  const { event } = await paidEvent()
  const asked: unknown[] = []
  const retrieve = service.app.stripe.events.retrieve.bind(service.app.stripe.events)
  service.app.stripe.events.retrieve = (async (...args: Parameters<typeof retrieve>) => {
    asked.push(args)
    return await retrieve(args[0])
  }) as typeof retrieve
  t.teardown(() => { service.app.stripe.events.retrieve = retrieve })
  t.match(await report(PATH, { ...event, account: 'acct_1' }), { status: 200, body: { stored: true } })
  t.same(asked, [[event.id, {}, { stripeAccount: 'acct_1' }]])
})

t.test('a type that is not needed is taken, and nobody is asked', async t => {
  t.match(await report(PATH, stripeEvent({ id: 'evt_customer', type: 'customer.created' })), { status: 200, body: { received: true, stored: false } })
})

t.test('while Stripe is away the backend is asked to send it again', async t => {
  const away = await startService(t, { affitor: service.affitor, stripe: service.stripe, variables: { STRIPE_API_URL: NOWHERE } })
  matchError(t, await away.report(PATH, stripeEvent()), 'STRIPE_UNAVAILABLE')
})

t.test('what is no event, and what is too large', async t => {
  matchError(t, await report(PATH, { id: 'evt_1', type: 'invoice.paid' }), 'INVALID_REQUEST', /object/)
  matchError(t, await report(PATH, { ...stripeEvent(), object: 'v2.core.event' }), 'INVALID_REQUEST', /object/)
  matchError(t, await report(PATH, { ...stripeEvent(), id: '../charges' }), 'INVALID_REQUEST', /id/)
  matchError(t, await report(PATH, '{', { 'content-type': 'application/json' }), 'INVALID_JSON')
  matchError(t, await report(PATH, { ...stripeEvent(), extra: 'x'.repeat(1024 * 1024) }), 'BODY_TOO_LARGE')
  t.equal((await report(PATH, { ...stripeEvent({ type: 'customer.created' }), extra: 'x'.repeat(500_000) })).status, 200)
})
