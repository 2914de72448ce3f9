import pg from 'pg'
import t from 'tap'
import { createAffitor } from '../../src/index.js'
import { eventually } from '../helpers/eventually.js'
import { openShop } from './shop.js'

const MONTHLY = { mode: 'subscription' as const, line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }] }

t.test('from click to refund in an app that exists already, each fact once and in order', async t => {
  const { app, standIns: { affitor, stripe }, join, buy, told } = await openShop(t)
  const userId = await join({ affitorClickId: await affitor.click() })
  const { subscription } = await stripe.pay(await buy(userId, MONTHLY))
  await stripe.renew(subscription?.id ?? '')
  t.same(await told(3), ['lead', 'sale 1900', 'sale 1900'])
  const session = affitor.sales()[0]?.transactionId ?? ''
  await stripe.refund(session)
  t.same(await told(4), ['lead', 'sale 1900', 'sale 1900', 'refund'])
  t.match(affitor.sales(), [{ customerKey: userId, commissionCents: 380 }, { customerKey: userId, isRecurring: true }])
  await eventually('all is settled', async () => (await app.affitor.customerStory(userId))?.entries.every(entry => entry.kind !== 'fact' || entry.trackingEvent.state !== 'pending') === true)
  t.equal(await app.affitor.customerStory('nobody'), undefined)
  t.same(await app.affitor.ready(), { delivery: { state: 'running', reason: null, pausedUntil: null } })
})

t.test('a webhook handler of the app\'s own hands its events over: no route is mounted', async t => {
  const { app, stripe: client, standIns: { affitor, stripe }, join, buy, told } = await openShop(t, { plugin: { webhook: undefined, operator: undefined } })
  t.notMatch(app.printRoutes(), /webhooks|tracking|operator/)
  const userId = await join({ affitorClickId: await affitor.click() })
  await stripe.pay(await buy(userId, MONTHLY))
  const events = stripe.events().map(event => client.webhooks.constructEvent(JSON.stringify(event),
    client.webhooks.generateTestHeaderString({ payload: JSON.stringify(event), secret: stripe.webhookSecret }), stripe.webhookSecret))
  const stored = []
  for (const event of [...events, ...events]) stored.push(await app.affitor.receiveStripeEvent(event))
  t.ok(stored.includes(true), 'stored')
  t.same(stored.slice(events.length), events.map(() => false), 'the same events change nothing')
  t.same(await told(2), ['lead', 'sale 1900'])
})

t.test('payments that Stripe does not tell of, and their refunds', async t => {
  const { app: { affitor: tracking }, standIns: { affitor }, join, told } = await openShop(t)
  const customerExternalId = await join({ affitorClickId: await affitor.click() })
  const sale = { customerExternalId, invoiceId: 'transfer-1', amount: 5_000, currency: 'eur', productId: 'prod_1', occurredAt: new Date(Date.now() - 86_400_000) }
  t.match(await tracking.trackSale(sale), { id: Number, state: 'pending', created: true })
  t.match(await tracking.trackSale(sale), { id: Number, created: false }, 'told twice')
  await tracking.trackRefund({ invoiceId: 'transfer-1', refundAmountCents: 2_000, refundId: 'back-1', refundReason: 'damaged' })
  await t.rejects(tracking.trackRefund({ invoiceId: 'transfer-1', refundAmountCents: 3_001, refundId: 'back-2' }), { message: /what is left of sale transfer-1: 3000 of 5000/ })
  await t.rejects(tracking.trackRefund({ invoiceId: 'transfer-2' }), { code: 'P0002', message: /there is no sale transfer-2/ })
  t.same(await told(3), ['lead', 'sale 5000', 'refund'])
  t.match(affitor.sales(), [{ currency: 'EUR', amountCents: 5_000 }])
  t.match(affitor.refunds(), [{ transactionId: 'transfer-1', amountCents: 2_000, reason: 'damaged' }])
})

t.test('a transaction that is given up tells nobody', async t => {
  const { app, pool, standIns: { affitor }, join, told } = await openShop(t)
  const client = await pool.connect()
  await client.query('begin')
  await app.affitor.trackLead({ customerExternalId: 'undone', clickId: await affitor.click() }, { db: client })
  await client.query('rollback')
  await client.query('begin')
  await t.rejects(client.query('select 1/0'))
  await t.rejects(app.affitor.trackLead({ customerExternalId: 'aborted' }, { db: client }), { code: '25P02', message: /current transaction is aborted/ }, 'the database\'s own error')
  await client.query('rollback')
  client.release()
  await join({ affitorClickId: await affitor.click() })
  t.same(await told(1), ['lead'])
  t.equal(await app.affitor.customerStory('undone'), undefined)
  t.equal(await app.affitor.customerStory('aborted'), undefined)
})

t.test('a payment that arrives while the transaction with its lead is open is told after the lead', async t => {
  const { app, pool, standIns: { affitor, stripe }, buy, told, join } = await openShop(t)
  const client = await pool.connect()
  t.teardown(() => client.release())
  await client.query('begin')
  await app.affitor.trackLead({ customerExternalId: 'slow', clickId: await affitor.click() }, { db: client })
  await stripe.pay(await buy('slow', MONTHLY))
  const other = await join({ affitorClickId: await affitor.click() })
  await stripe.pay(await buy(other, MONTHLY))
  t.same(await told(2), ['lead', 'sale 1900'], 'others do not wait')
  await client.query('commit')
  t.same(await told(4), ['lead', 'sale 1900', 'lead', 'sale 1900'])
})

t.test('an app\'s pool with types, a search path and a time zone of its own', async t => {
  // As an app sets them for BigInt and Temporal.
  const types = { getTypeParser: (id: number) => id === 20 ? BigInt : id === 1184 ? (text: string) => `time ${text}` : pg.types.getTypeParser(id) }
  const { app, url, pool, standIns: { affitor, stripe }, join, buy, told } = await openShop(t, {
    pool: { types: types as never, options: '-c search_path=pg_catalog -c timezone=Asia/Kathmandu', max: 3 }
  })
  const userId = await join({ affitorClickId: await affitor.click() })
  const { subscription } = await stripe.pay(await buy(userId, MONTHLY))
  await stripe.renew(subscription?.id ?? '')
  t.same(await told(3), ['lead', 'sale 1900', 'sale 1900'])
  const headers = { authorization: 'Bearer token-of-the-shops-operator' }
  for (const path of ['summary', 'events', 'stripe-events', `customers/${userId}`, 'funnel', 'deliveries', 'program']) {
    const answer = await fetch(`${url}/api/tracking/${path}`, { headers })
    t.equal(answer.status, 200, `${path}: ${await answer.text()}`)
  }
  await app.close()
  t.same((await pool.query('select 1 as one')).rows, [{ one: 1 }], 'the app\'s pool stays open')
})

t.test('routes and page lie where the app has put them', async t => {
  const { url, standIns: { affitor, stripe }, join, buy, told } = await openShop(t, { plugin: { prefix: '/affiliates', operator: { token: 'token-of-the-shops-operator', apiPrefix: '/facts', pagePath: '/admin/partners' } } })
  stripe.deliverTo(`${url}/affiliates/webhooks/stripe`)
  const userId = await join({ affitorClickId: await affitor.click() })
  await stripe.pay(await buy(userId, MONTHLY))
  t.same(await told(2), ['lead', 'sale 1900'])
  t.equal((await fetch(`${url}/affiliates/facts/summary`, { headers: { authorization: 'Bearer token-of-the-shops-operator' } })).status, 200)
  t.equal((await fetch(`${url}/affiliates/facts/summary`)).status, 401)
  const page = await fetch(`${url}/affiliates/admin/partners`)
  t.equal(page.status, 200)
  const html = await page.text()
  for (const [, address = ''] of html.matchAll(/(?:src|href)="([^"#]+)"/g)) {
    t.equal((await fetch(new URL(address, page.url))).status, 200, address)
  }
  t.equal(new URL(/data-api="([^"]+)"/.exec(html)?.[1] ?? '', page.url).pathname, '/affiliates/facts')
})

t.test('the engine alone runs the workers of another process', async t => {
  const { app, pool, standIns: { affitor }, join, told } = await openShop(t, { plugin: { workers: false } })
  await join({ affitorClickId: await affitor.click() })
  const worker = createAffitor({ database: pool.options.connectionString, livemode: false, affitor: affitor.options })
  t.teardown(() => worker.close())
  await worker.migrate()
  t.same(affitor.leads(), [], 'nobody works yet')
  worker.workers.start()
  t.same(await told(1), ['lead'])
  await app.close()
})
