import Fastify from 'fastify'
import type { FastifyServerOptions } from 'fastify'
import affitor from 'fastify-affitor'
import type { AffitorPluginOptions } from 'fastify-affitor'
import type pg from 'pg'
import type Stripe from 'stripe'
import auth from './auth.js'
import type { Database } from './db.js'
import accountRoutes from './routes/account.js'
import checkoutRoute from './routes/checkout.js'
import stripeWebhook from './routes/stripe-webhook.js'

export interface ShopOptions {
  pool: pg.Pool
  db: Database
  stripe: Stripe
  stripeWebhookSecret: string
  livemode: boolean
  affitor: AffitorPluginOptions['affitor']
  jwtSecret: string
  price: string
  publicUrl: string
}

export async function buildApp (options: ShopOptions, serverOptions: FastifyServerOptions = {}) {
  const { pool, db, stripe, stripeWebhookSecret, livemode, jwtSecret, price, publicUrl } = options
  const app = Fastify(serverOptions)
  await app.register(auth, { secret: jwtSecret })

  await app.register(affitor, {
    database: pool,
    stripe,
    affitor: options.affitor,
    livemode,
    operator: { onRequest: app.requireAdmin }
  })

  await app.register(accountRoutes, { db })
  await app.register(checkoutRoute, { stripe, price, publicUrl })
  await app.register(stripeWebhook, { db, stripe, secret: stripeWebhookSecret })
  return app
}
