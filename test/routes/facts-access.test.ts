import t from 'tap'
import { matchError } from '../helpers/errors.js'
import { ADMIN_TOKEN, API_TOKEN, startService } from '../helpers/service.js'

const PATHS = ['/api/leads', '/api/sales', '/api/refunds', '/api/attribution', '/api/stripe-events']
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

t.test('the operator\'s token reports nothing, and the token of backends operates nothing', async t => {
  const service = await startService(t)
  for (const path of PATHS) matchError(t, await service.request('POST', path, {}, bearer(ADMIN_TOKEN)), 'FORBIDDEN', /token of the operator/)
  matchError(t, await service.request('GET', '/api/tracking/summary', undefined, bearer(API_TOKEN)), 'FORBIDDEN', /token of another backend/)
})

t.test('without API_TOKEN nobody may report, and is told so', async t => {
  const service = await startService(t, { variables: { API_TOKEN: '' } })
  for (const path of PATHS) {
    for (const token of [API_TOKEN, '', 'undefined']) {
      matchError(t, await service.request('POST', path, {}, bearer(token)), 'BACKEND_ONLY', /^This service takes no reports: API_TOKEN is not set\./)
    }
  }
})

t.test('reports have a limit of their own, of all routes together, which only the token uses up', async t => {
  const service = await startService(t, { variables: { API_RATE_LIMIT_PER_MINUTE: '3' } })
  for (let i = 0; i < 5; i++) matchError(t, await service.request('POST', '/api/leads', {}, bearer('wrong')), 'BACKEND_ONLY')
  t.equal((await service.report('/api/leads', { customerKey: 'a' })).status, 201)
  t.equal((await service.report('/api/sales', { customerKey: 'a', transactionId: 'o', amountCents: 1, currency: 'USD' })).status, 201)
  t.equal((await service.report('/api/attribution', { customerKey: 'a' })).status, 200)
  matchError(t, await service.report('/api/refunds', { saleTransactionId: 'o' }), 'RATE_LIMITED', /^Too many requests with the API token\. Try again in /)
  t.equal((await service.request('GET', '/health/ready')).status, 200)
  const unlimited = await startService(t, { affitor: service.affitor, stripe: service.stripe, connectionString: service.connectionString, variables: { API_RATE_LIMIT_PER_MINUTE: '0' } })
  for (let i = 0; i < 10; i++) t.equal((await unlimited.report('/api/leads', { customerKey: 'a' })).status, 200)
})

t.test('attribution is the metadata to plant, with the click of the lead unless another is told', async t => {
  const service = await startService(t)
  const ask = async (body: unknown) => (await service.report('/api/attribution', body)).body
  t.same(await ask({ customerKey: 'ada' }), { affitor_customer_key: 'ada', program_id: '42' })
  t.same(await ask({ customerKey: 'ada', clickId: 'cust_1' }), { affitor_customer_key: 'ada', program_id: '42', affitor_click_id: 'cust_1' })
  await service.report('/api/leads', { customerKey: 'ada', clickId: 'cust_2' })
  for (const clickId of [undefined, null, '']) t.match(await ask({ customerKey: 'ada', clickId }), { affitor_click_id: 'cust_2' })
  t.match(await ask({ customerKey: 'ada', clickId: 'cust_3' }), { affitor_click_id: 'cust_3' })
  await service.report('/api/leads', { customerKey: 'bob', email: 'bob@example.com' })
  t.same(await ask({ customerKey: 'bob' }), { affitor_customer_key: 'bob', program_id: '42' })
})
