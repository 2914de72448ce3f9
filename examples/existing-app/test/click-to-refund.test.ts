import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { startStandIns } from 'fastify-affitor/testing'
import Stripe from 'stripe'
import { buildApp } from '../src/app.js'
import { openDatabase, users } from '../src/db.js'

const { DATABASE_URL } = process.env
if (!DATABASE_URL) throw new Error('DATABASE_URL is missing. The tests need an empty PostgreSQL database: DATABASE_URL=postgres://... npm test')

/** The shop as it is, with stand-ins for Affitor and Stripe. */
async function startShop (t: TestContext) {
  const standIns = await startStandIns({
    prices: [{ id: 'price_pro', unitAmount: 1900, currency: 'usd', productName: 'Pro', interval: 'month' }]
  })
  const { pool, db } = await openDatabase(DATABASE_URL as string)
  const app = await buildApp({
    pool,
    db,
    stripe: new Stripe(standIns.stripe.secretKey, standIns.stripe.config),
    stripeWebhookSecret: standIns.stripe.webhookSecret,
    livemode: false,
    affitor: standIns.affitor.options,
    jwtSecret: 'only for tests',
    price: 'price_pro',
    publicUrl: 'https://shop.example'
  })
  t.after(async () => {
    await app.close()
    await pool.end()
    await standIns.close()
  })
  standIns.stripe.deliverTo(`${await app.listen({ host: '127.0.0.1', port: 0 })}/webhooks/stripe`)

  const email = `${randomUUID()}@example.com`
  const signUp = async () => await app.inject({
    method: 'POST', url: '/signup', payload: { email, password: 'correct horse', affitorClickId: await standIns.affitor.click() }
  })
  return { app, db, email, signUp, ...standIns }
}

test('Affitor is told of a signup, its payments and its refund, in order', async t => {
  const { app, signUp, affitor, stripe } = await startShop(t)
  const joined = await signUp()
  assert.equal(joined.statusCode, 201)
  const { id: customerKey } = joined.json()
  const cookies = { session: joined.cookies[0]?.value ?? '' }

  const checkout = await app.inject({ method: 'POST', url: '/checkout', cookies })
  assert.equal(checkout.statusCode, 200)
  const { sessionId } = checkout.json()
  const { subscription } = await stripe.pay(sessionId)
  assert.ok(subscription)
  const me = await app.inject({ url: '/me', cookies })
  assert.ok(me.json().paidAt, 'the shop knows that its user has paid')
  await stripe.renew(subscription.id)
  await app.affitor.workers.runUntilIdle()
  await stripe.refund(sessionId)
  await app.affitor.workers.runUntilIdle()

  assert.deepEqual(affitor.calls().map(({ endpoint }) => endpoint), ['click', 'lead', 'sale', 'sale', 'refund'])
  assert.deepEqual(affitor.leads().map(lead => lead.customerKey), [customerKey])
  const [first, renewal] = affitor.sales()
  assert.deepEqual(affitor.sales().map(sale => [sale.customerKey, sale.amountCents, sale.currency, sale.isRecurring]), [
    [customerKey, 1900, 'USD', false],
    [customerKey, 1900, 'USD', true]
  ])
  assert.notEqual(first?.transactionId, renewal?.transactionId)
  assert.deepEqual(affitor.refunds().map(refund => [refund.transactionId, refund.amountCents]), [[first?.transactionId, 1900]])
})

test('Affitor is told nothing of a signup whose transaction fails', async t => {
  const { app, db, email, signUp, affitor } = await startShop(t)
  // Fails at the commit, after the lead was stored.
  await db.execute(sql.raw(`
    create function refuse () returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
    create constraint trigger refuse after insert on users deferrable initially deferred for each row execute function refuse()`))
  const { statusCode } = await signUp()
  await db.execute(sql`drop function refuse cascade`)

  assert.equal(statusCode, 500)
  await app.affitor.workers.runUntilIdle()
  assert.deepEqual(affitor.leads(), [])
  assert.deepEqual(await db.select().from(users).where(eq(users.email, email)), [])
})

test('the operator page\'s data is for admins', async t => {
  const { app, db, email, signUp } = await startShop(t)
  const joined = await signUp()
  const url = '/api/tracking/summary'
  assert.equal((await app.inject({ url })).statusCode, 401)
  assert.equal((await app.inject({ url, cookies: { session: joined.cookies[0]?.value ?? '' } })).statusCode, 403)

  await db.update(users).set({ isAdmin: true }).where(eq(users.email, email))
  const { cookies: [session] } = await app.inject({ method: 'POST', url: '/login', payload: { email, password: 'correct horse' } })
  assert.equal((await app.inject({ url, cookies: { session: session?.value ?? '' } })).statusCode, 200)
  assert.equal((await app.inject({ url: '/operator' })).statusCode, 200)
})
