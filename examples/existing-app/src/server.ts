import Stripe from 'stripe'
import { buildApp } from './app.js'
import { openDatabase } from './db.js'

function setting (name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`${name} is missing: see .env.example.`)
  return value
}

const stripeKey = setting('STRIPE_SECRET_KEY')
const { pool, db } = await openDatabase(setting('DATABASE_URL'))
const app = await buildApp({
  pool,
  db,
  stripe: new Stripe(stripeKey),
  stripeWebhookSecret: setting('STRIPE_WEBHOOK_SECRET'),
  livemode: !stripeKey.includes('_test_'),
  affitor: { apiKey: setting('AFFITOR_API_KEY'), programId: setting('AFFITOR_PROGRAM_ID') },
  jwtSecret: setting('JWT_SECRET'),
  price: setting('STRIPE_PRICE'),
  publicUrl: setting('PUBLIC_URL')
}, { logger: true })

async function stop () {
  await app.close()
  await pool.end()
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void stop() })
await app.listen({ port: Number(setting('PORT')) })
