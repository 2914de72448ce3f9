import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import pg from 'pg'
import Stripe from 'stripe'
import affitor, { createAffitor } from 'fastify-affitor'
import * as schemas from 'fastify-affitor/schemas'
import { startStandIns } from 'fastify-affitor/testing'

// What a user of the installed package does, in a folder that has nothing else.
const folder = dirname(fileURLToPath(import.meta.resolve('fastify-affitor/package.json')))
const { bin } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
assert.equal(typeof affitor, 'function')
assert.equal(typeof createAffitor, 'function')
assert.ok(schemas.components.length > 0)
await access(join(folder, 'migrations/affitor/0001_ledger.sql'))
assert.match(await readFile(join(folder, bin['fastify-affitor']), 'utf8'), /^#!\/usr\/bin\/env node\n/)

const require = createRequire(import.meta.url)
assert.equal(require('fastify-affitor').default, affitor)
assert.equal(require('fastify-affitor/testing').startStandIns, startStandIns)

const standIns = await startStandIns()
const client = new Stripe(standIns.stripe.secretKey, standIns.stripe.config)
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
const app = Fastify()
// The command has made the schema.
await app.register(affitor, {
  database: pool,
  stripe: client,
  affitor: standIns.affitor.options,
  livemode: false,
  migrate: false,
  webhook: { secrets: standIns.stripe.webhookSecret },
  operator: { token: 'token-of-the-operator' }
})
standIns.stripe.deliverTo(`${await app.listen({ host: '127.0.0.1', port: 0 })}/webhooks/stripe`)

const customerExternalId = 'user_1'
await app.affitor.trackLead({ customerExternalId, clickId: await standIns.affitor.click() })
const session = await client.checkout.sessions.create(app.affitor.withAttribution({
  mode: 'subscription', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }], success_url: 'https://app.example'
}, { customerExternalId }))
const { subscription } = await standIns.stripe.pay(session.id)
await standIns.stripe.renew(subscription.id)
const { charge } = await standIns.stripe.refund(session.id)
await app.affitor.workers.runUntilIdle()
assert.deepEqual(standIns.affitor.leads().map(({ customerKey }) => customerKey), [customerExternalId])
assert.deepEqual(standIns.affitor.sales().map(({ amountCents, isRecurring }) => [amountCents, isRecurring]), [[1900, false], [1900, true]])
assert.deepEqual(standIns.affitor.refunds().map(({ amountCents }) => amountCents), [1900])

// Nested parameters of requests are read, by whichever Fastify.
const query = new URLSearchParams({ 'payment[type]': 'payment_intent', 'payment[payment_intent]': charge.payment_intent })
assert.equal((await client.rawRequest('GET', `/v1/invoice_payments?${query}`)).data.length, 1)

// The operator page and those of the stand-ins load the same files.
for (const file of ['style.css', 'money.js', 'operator/app.js', 'sandbox/affitor.js', 'lib/lit-html/directives/repeat.js', 'lib/uplot/uPlot.esm.js',
  'lib/uplot/uPlot.min.css', 'lib/openapi-fetch/index.mjs', 'lib/fastify-affitor-client/index.js']) {
  const response = await fetch(`${standIns.affitor.url}/assets/${file}`)
  assert.equal(response.status, 200, file)
}
assert.equal((await app.inject('/operator')).statusCode, 200)
assert.equal((await app.inject('/operator/assets/operator/app.js')).statusCode, 200)
await app.close()
await pool.end()
await standIns.close()
console.log(`works with Node ${process.version}, fastify ${app.version}, stripe ${Stripe.PACKAGE_VERSION}`)
