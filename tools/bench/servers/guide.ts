import { randomUUID } from 'node:crypto'
import { Affitor } from '@affitor/sdk/server'
import { hash } from '@node-rs/argon2'
import pg from 'pg'
import type Stripe from 'stripe'
import { listen, receiveWebhooks, server, variable } from './receiver.js'

/**
 * The handlers of Affitor's Fastify guide, with what keeps them from running today put right: a webhook is answered
 * once Affitor has answered, and so is a signup.
 */
const affitor = new Affitor({ apiKey: variable('AFFITOR_API_KEY'), apiUrl: variable('AFFITOR_API_URL') })
const pool = new pg.Pool({ connectionString: variable('DATABASE_URL'), max: Number(variable('DATABASE_POOL_SIZE')) })
await pool.query('create table if not exists guide_users (id text primary key, email text not null unique, password_hash text not null)')

const app = server()
await receiveWebhooks(app, async event => {
  if (event.type === 'checkout.session.completed') await recordSale(event.data.object)
})

async function recordSale (session: Stripe.Checkout.Session): Promise<void> {
  const { ok, error } = await affitor.trackSale({
    customerExternalId: session.client_reference_id ?? undefined, amount: session.amount_total ?? 0, invoiceId: session.id
  })
  if (!ok) app.log.error(error)
}

app.post<{ Body: { email: string, password: string, affitorClickId?: string } }>('/api/signup', async (request, reply) => {
  const { email, password, affitorClickId } = request.body
  const id = randomUUID()
  // The service's parameters.
  const passwordHash = await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 })
  await pool.query('insert into guide_users (id, email, password_hash) values ($1, $2, $3)', [id, email, passwordHash])
  const { ok, error } = await affitor.trackLead({ customerExternalId: id, clickId: affitorClickId, email })
  if (!ok) app.log.error(error)
  return await reply.code(201).send({ userId: id })
})
await listen(app)
