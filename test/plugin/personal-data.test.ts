import Fastify from 'fastify'
import t from 'tap'
import affitor from '../../src/index.js'
import type { OperatorOptions } from '../../src/index.js'
import { createTestDatabase } from '../helpers/database.js'
import { query } from '../helpers/sql.js'
import { hostOptions, OPERATOR_TOKEN } from './host.js'

const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` }
const url = '/api/tracking/customers/ada'

/** An app with a table of its own, and one customer. */
async function openHost (t: Parameters<typeof createTestDatabase>[0], operator: OperatorOptions) {
  const { connectionString } = await createTestDatabase(t)
  const rows = async (text: string) => await query(connectionString, text)
  await rows('create table public.members (id text primary key, email text)')
  await rows("insert into public.members values ('ada', 'ada@example.com')")
  await rows("select * from affitor.track_lead(customer_key => 'ada', email => 'ada@example.com', click_id => 'cust_42_1')")
  await rows("update affitor.tracking_events set state = 'delivered', next_attempt_at = null")
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(affitor, hostOptions(connectionString, { migrate: 'unchecked', operator: { token: OPERATOR_TOKEN, ...operator } }))
  return { app, rows }
}

const forgetCustomer: OperatorOptions['forgetCustomer'] = async (customerKey, { db }) =>
  await db.query('update public.members set email = null where id = $1', [customerKey])

t.test('an app removes its own of a customer in the same transaction, and adds its own to an export', async t => {
  const { app, rows } = await openHost(t, { forgetCustomer, exportCustomer: customerKey => ({ member: customerKey }) })
  t.match((await app.inject({ url: `${url}/export`, headers })).json(), { user: { member: 'ada' }, facts: [{ payload: { email: 'ada@example.com' } }] })
  const answer = await app.inject({ method: 'DELETE', url: `${url}/personal-data`, headers })
  t.match(answer.json(), { customerKey: 'ada', facts: 1 }, answer.body)
  t.same(await rows('select email, payload from public.members, affitor.tracking_events'), [{ email: null, payload: { v: 1 } }])
})

t.test('what the app throws undoes all of it', async t => {
  const { app, rows } = await openHost(t, {
    async forgetCustomer (...args) {
      await forgetCustomer(...args)
      throw new Error('The app cannot.')
    }
  })
  t.equal((await app.inject({ method: 'DELETE', url: `${url}/personal-data`, headers })).statusCode, 500)
  t.match(await rows('select email, payload from public.members, affitor.tracking_events'), [{ email: 'ada@example.com', payload: { email: 'ada@example.com' } }])
  t.same(await rows('select 1 from affitor.forgotten_customers'), [])
})

t.test('an app without such options has the routes all the same', async t => {
  const { app } = await openHost(t, {})
  t.match((await app.inject({ url: `${url}/export`, headers })).json(), { user: null, customerKey: 'ada' })
  t.equal((await app.inject({ method: 'DELETE', url: `${url}/personal-data`, headers })).statusCode, 200)
})
