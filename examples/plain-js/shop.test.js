'use strict'

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { startStandIns } = require('fastify-affitor/testing')
const { Pool } = require('pg')
const Stripe = require('stripe')
const { buildShop } = require('./shop.js')

const connectionString = process.env.DATABASE_URL
if (!connectionString) throw new Error('DATABASE_URL is missing. The test needs an empty PostgreSQL database: DATABASE_URL=postgres://... npm test')

test('a member joins and buys, and Affitor is told', async t => {
  const { affitor, stripe, close } = await startStandIns()
  const pool = new Pool({ connectionString })
  const app = await buildShop(pool, new Stripe(stripe.secretKey, stripe.config), { affitor: affitor.options, livemode: false, webhook: { secrets: stripe.webhookSecret } })
  t.after(async () => {
    await app.close()
    await pool.end()
    await close()
  })
  stripe.deliverTo(`${await app.listen({ host: '127.0.0.1', port: 0 })}/webhooks/stripe`)

  const payload = { email: `${Date.now()}@example.com`, affitorClickId: await affitor.click() }
  const { id: memberId } = (await app.inject({ method: 'POST', url: '/join', payload })).json()
  const { id: sessionId } = (await app.inject({ method: 'POST', url: '/buy', payload: { memberId } })).json()
  await stripe.pay(sessionId)
  await app.affitor.workers.runUntilIdle()

  assert.deepEqual(affitor.leads().map(lead => lead.customerKey), [memberId])
  assert.deepEqual(affitor.sales().map(sale => [sale.customerKey, sale.amountCents]), [[memberId, 4900]])
})
