import t from 'tap'
import type { InstallationChecks } from '../../schemas/checks.js'
import { startService } from '../helpers/service.js'

const PATH = '/api/tracking/checks'

t.test('the operator is told what verify finds, without what takes a browser or is limited', async t => {
  const service = await startService(t, { variables: { PUBLIC_URL: 'http://localhost:9' } })
  const { status, body } = await service.operator<InstallationChecks>('GET', PATH)
  t.equal(status, 200)
  const names = body.checks.map(({ check }) => check)
  t.match(body.checks.find(({ check }) => check === 'affitor-key'), { status: 'pass', fix: null })
  t.match(body.checks.find(({ check }) => check === 'webhook-signed'), { status: 'fail', fix: String }, 'nobody listens at that address')
  t.ok(names.includes('renewals'))
  t.notOk(names.some(name => name.startsWith('page-') || name === 'affitor-chain'), 'those have their price')
  t.match(service.affitor.calls(), [], 'nothing was sent')
})

t.test('whoever asks within a minute gets the same answer', async t => {
  const service = await startService(t)
  const first = await service.operator<InstallationChecks>('GET', PATH)
  const second = await service.operator<InstallationChecks>('GET', PATH)
  t.equal(second.body.checkedAt, first.body.checkedAt)
})

t.test('nobody else is told', async t => {
  const service = await startService(t)
  t.match(await service.request('GET', PATH), { status: 401, body: { code: 'OPERATOR_ONLY' } })
})

t.test('an answer shows no secret', async t => {
  const service = await startService(t)
  const { body } = await service.operator('GET', PATH)
  for (const secret of [service.stripe.secretKey, service.stripe.webhookSecret, service.affitor.apiKey]) t.notOk(JSON.stringify(body).includes(secret))
})
