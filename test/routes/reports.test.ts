import t from 'tap'
import type { DeliveryReport, ProgramStatus, TrackingFunnel } from '../../schemas/reports.js'
import type { CustomerStory } from '../../schemas/customer-story.js'
import { matchError } from '../helpers/errors.js'
import { eventually } from '../helpers/eventually.js'
import { startService } from '../helpers/service.js'
import type { Service } from '../helpers/service.js'
import { query } from '../helpers/sql.js'

const funnelOf = async (service: Service, search = '') => (await service.operator<TrackingFunnel>('GET', `/api/tracking/funnel${search}`)).body

t.test('the funnel counts leads, checkouts and sales, and money by currency', async t => {
  const service = await startService(t, { variables: { COMMISSION_PERCENT: '20' } })
  const ada = await service.signUp({ affitorClickId: await service.affitor.click() })
  const organic = await service.signUp()
  const bought = await service.checkOut(ada.accessToken)
  await service.checkOut(ada.accessToken)
  const inEuro = await service.checkOut(ada.accessToken, { priceId: 'price_sandbox_eur' })
  const monthly = await service.checkOut(organic.accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  for (const id of [bought, inEuro, monthly]) await service.stripe.control('POST', `/checkout/sessions/${id}/pay`, {})
  await service.work()
  await service.stripe.control('POST', '/refunds', { checkout_session: bought, amount: 900 })
  await service.work()

  const funnel = await funnelOf(service)
  t.match(funnel, { period: '24h', leads: 2, referredLeads: 1, checkouts: 4, sales: 3 })
  t.ok(Math.abs(Date.now() - 86_400_000 - Date.parse(funnel.since)) < 120_000, 'since a day ago')
  t.match(funnel.since, /:00\.000Z$/, 'from a whole minute on: a page that asks again within it is answered the same')
  t.same(funnel.currencies, [
    // 20 % of 49.00, less 20 % of 9.00; the organic customer's 19.00 earn nobody anything.
    { currency: 'USD', sales: 2, attributedSales: 1, revenueCents: 6800, refundedCents: 900, commissionCents: 800 },
    { currency: 'EUR', sales: 1, attributedSales: 1, revenueCents: 4900, refundedCents: 0, commissionCents: 980 }
  ])

  await t.test('what happened before the period is left out', async t => {
    await query(service.connectionString, "update tracking_events set occurred_at = now() - interval '2 days' where transaction_id = $1", [bought])
    await query(service.connectionString, "update checkout_sessions set created_at = now() - interval '2 days' where id = $1", [bought])
    t.match(await funnelOf(service), { checkouts: 3, sales: 2, currencies: [{ currency: 'EUR' }, { currency: 'USD', revenueCents: 1900, commissionCents: -180 }] })
    t.match(await funnelOf(service, '?period=7d'), { checkouts: 4, sales: 3 })
  })
})

t.test('without COMMISSION_PERCENT the commission is not known', async t => {
  const service = await startService(t)
  const ada = await service.signUp({ affitorClickId: await service.affitor.click() })
  await service.stripe.control('POST', `/checkout/sessions/${await service.checkOut(ada.accessToken)}/pay`, {})
  await service.work()
  t.match(await funnelOf(service), { currencies: [{ attributedSales: 1, commissionCents: null }] })
})

t.test('a refund that failed is no refund, and what Affitor records itself is a sale', async t => {
  const service = await startService(t, { variables: { AFFITOR_SALE_SOURCE: 'connect', COMMISSION_PERCENT: '20' } })
  const ada = await service.signUp()
  const session = await service.checkOut(ada.accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  const { refund } = await service.stripe.control('POST', '/refunds', { checkout_session: session, status: 'pending' }) as { refund: { id: string } }
  await service.stripe.control('POST', `/refunds/${refund.id}/settle`, { status: 'failed' })
  await service.work()
  t.match((await funnelOf(service)).currencies, [{ sales: 1, attributedSales: 0, revenueCents: 4900, refundedCents: 0, commissionCents: 0 }])
})

t.test('deliveries over time, in buckets without gaps', async t => {
  const service = await startService(t, { variables: { DELIVERY_RETRY_BASE_MS: '1', DELIVERY_RETRY_CAP_MS: '1' } })
  service.affitor.behave({ failStatus: 503, times: 2, endpoints: ['lead'] })
  await service.signUp({ affitorClickId: await service.affitor.click() })
  await eventually('the lead is delivered', async () => {
    await service.work()
    return (await service.ledger())[0]?.state === 'delivered'
  })
  for (const [period, count, bucketSeconds] of [['1h', 61, 60], ['24h', 97, 900], ['7d', 85, 7_200], ['30d', 91, 28_800]] as const) {
    const { body } = await service.operator<DeliveryReport>('GET', `/api/tracking/deliveries?period=${period}`)
    t.equal(body.bucketSeconds, bucketSeconds)
    t.ok(body.buckets.length === count || body.buckets.length === count - 1, `${period}: ${body.buckets.length} buckets`)
    t.equal(body.since, body.buckets[0]?.at)
    const times = body.buckets.map(bucket => Date.parse(bucket.at))
    t.ok(times.every((time, i) => i === 0 || time - (times[i - 1] ?? 0) === bucketSeconds * 1000), 'equal steps')
    const sum = (name: 'answered' | 'failed') => body.buckets.reduce((total, bucket) => total + bucket[name], 0)
    t.same({ answered: sum('answered'), failed: sum('failed') }, { answered: 1, failed: 2 })
  }
})

t.test('what Affitor says of the program', async t => {
  const service = await startService(t)
  await service.affitor.click()
  await service.affitor.click()
  t.match(await service.operator<ProgramStatus>('GET', '/api/tracking/program'), {
    status: 200, body: { programId: '42', state: 'live_verified', blocker: null, clicks24h: 2 }
  })
  await service.affitor.sandbox.close()
  t.match(await service.operator('GET', '/api/tracking/program'), { status: 200 }, 'an answer is good for half a minute')
})

t.test('an Affitor that cannot be asked is a 503, and its reason is said', async t => {
  const refusing = await startService(t)
  refusing.affitor.behave({ refuseKey: true })
  matchError(t, await refusing.operator('GET', '/api/tracking/program'), 'AFFITOR_UNAVAILABLE', /AFFITOR_API_KEY/)
  const away = await startService(t, { variables: { AFFITOR_API_URL: 'http://127.0.0.1:9' } })
  matchError(t, await away.operator('GET', '/api/tracking/program'), 'AFFITOR_UNAVAILABLE')
})

t.test('the story has the checkouts', async t => {
  const service = await startService(t)
  const ada = await service.signUp({ affitorClickId: await service.affitor.click() })
  const session = await service.checkOut(ada.accessToken, { quantity: 2 })
  await service.stripe.control('POST', `/checkout/sessions/${session}/pay`, {})
  await service.work()
  const { body } = await service.operator<CustomerStory>('GET', `/api/tracking/customers/${ada.userId}`)
  const checkout = body.entries.find(entry => entry.kind === 'checkout')
  t.match(checkout, { checkout: { sessionId: session, priceId: 'price_sandbox_onetime', mode: 'payment', quantity: 2 } })
})

t.test('a repeated checkout request is one checkout', async t => {
  const service = await startService(t)
  const { accessToken } = await service.signUp()
  const headers = { authorization: `Bearer ${accessToken}`, 'idempotency-key': 'once' }
  for (let i = 0; i < 2; i++) {
    t.equal((await service.request('POST', '/api/checkout', { priceId: 'price_sandbox_onetime', mode: 'payment' }, headers)).status, 201)
  }
  t.equal((await funnelOf(service)).checkouts, 1)
})
