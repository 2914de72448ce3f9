import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import Stripe from 'stripe'
import type { Test } from 'tap'
import { startStandIns } from '../../sandbox/testing.js'
import type { StandIns } from '../../sandbox/testing.js'
import affitor from '../../src/index.js'
import type { AffitorPluginOptions } from '../../src/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { eventually } from '../helpers/eventually.js'

/** An app that sells something: its own pool, its own table of users, its own Stripe client. */
export interface Shop {
  app: FastifyInstance
  url: string
  pool: pg.Pool
  stripe: Stripe
  standIns: StandIns
  /** Signs up in one transaction of the app's own. */
  join (fields?: { affitorClickId?: string }): Promise<string>
  /** Id of a Checkout Session. */
  buy (userId: string, params: Stripe.Checkout.SessionCreateParams): Promise<string>
  /** What Affitor was told, in order: `lead`, `sale 1900`, `refund 1900`. */
  told (count: number): Promise<string[]>
}

export interface ShopOptions {
  pool?: pg.PoolConfig
  plugin?: Partial<AffitorPluginOptions>
}

export async function openShop (t: Test, options: ShopOptions = {}): Promise<Shop> {
  const { connectionString } = await createTestDatabase(t)
  const standIns = await startStandIns()
  t.teardown(() => standIns.close())
  const pool = new pg.Pool({ connectionString, ...options.pool })
  t.teardown(() => pool.end())
  await pool.query('create table public.users (id text primary key)')
  const stripe = new Stripe(standIns.stripe.secretKey, standIns.stripe.config)

  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(affitor, {
    database: pool,
    stripe,
    livemode: false,
    affitor: standIns.affitor.options,
    webhook: { secrets: standIns.stripe.webhookSecret },
    operator: { token: 'token-of-the-shops-operator' },
    delivery: { retryBaseMs: 10, retryCapMs: 50 },
    ...options.plugin
  })
  app.post('/join', async request => {
    const client = await pool.connect()
    try {
      const id = randomUUID()
      await client.query('begin')
      await client.query('insert into public.users values ($1)', [id])
      await app.affitor.trackLead({ customerExternalId: id, email: `${id}@example.com`, clickId: app.affitor.clickId(request) }, { db: client })
      await client.query('commit')
      return { id }
    } finally {
      client.release()
    }
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  standIns.stripe.deliverTo(`${url}${options.plugin?.webhook?.path ?? '/webhooks/stripe'}`)

  return {
    app,
    url,
    pool,
    stripe,
    standIns,
    async join (fields = {}) {
      const response = await app.inject({ method: 'POST', url: '/join', payload: fields })
      if (response.statusCode !== 200) throw new Error(response.body)
      return response.json<{ id: string }>().id
    },
    async buy (userId, params) {
      const session = await stripe.checkout.sessions.create(app.affitor.withAttribution({ success_url: 'https://shop.example/thanks', ...params }, { customerExternalId: userId }))
      return session.id
    },
    async told (count) {
      const tell = () => standIns.affitor.calls().filter(({ endpoint, recorded }) => endpoint !== 'click' && recorded)
      await eventually(`Affitor was told ${count} facts`, () => tell().length >= count)
      return tell().map(({ endpoint, body }) => [endpoint, (body as { amount_cents?: number }).amount_cents].filter(Boolean).join(' '))
    }
  }
}
