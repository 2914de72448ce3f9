'use strict'

const Fastify = require('fastify')
const { default: affitor } = require('fastify-affitor')

/**
 * @param {import('pg').Pool} pool
 * @param {import('stripe').default} stripe
 * @param {Partial<import('fastify-affitor').AffitorPluginOptions>} options
 */
exports.buildShop = async function buildShop (pool, stripe, options) {
  const app = Fastify()
  await app.register(affitor, { database: pool, stripe, ...options })
  await pool.query('create table if not exists members (id bigint generated always as identity primary key, email text not null unique)')

  app.post('/join', async request => {
    const { email } = request.body
    const client = await pool.connect()
    try {
      await client.query('begin')
      const { rows: [{ id }] } = await client.query('insert into members (email) values ($1) returning id', [email])
      await app.affitor.trackLead({ customerExternalId: id, email, clickId: app.affitor.clickId(request) }, { db: client })
      await client.query('commit')
      return { id }
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  })

  app.post('/buy', async request => {
    const { id, url } = await stripe.checkout.sessions.create(app.affitor.withAttribution({
      mode: 'payment',
      line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }],
      success_url: 'https://shop.example/thanks'
    }, { customerExternalId: request.body.memberId }))
    return { id, url }
  })

  return app
}
