import t from 'tap'
import type { CustomerStory } from '../../schemas/customer-story.js'
import { startService } from '../helpers/service.js'

t.test('the story of a customer tells every fact and attempt in order', async t => {
  const service = await startService(t)
  const affitorClickId = await service.affitor.click()
  const { userId, accessToken } = await service.signUp({ affitorClickId })
  await service.signUp()
  service.affitor.behave({ failStatus: 503, times: 1, endpoints: ['lead'] })
  await service.work()
  const sessionId = await service.checkOut(accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription, customer } = await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()
  const renewed = await service.stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, {})
  await service.work()
  await service.stripe.control('POST', '/refunds', { invoice: renewed.invoice?.id })
  await service.work()

  const { status, body } = await service.operator<CustomerStory>('GET', `/api/tracking/customers/${userId}`)
  t.equal(status, 200)
  t.match(body, { customerKey: userId, clickId: affitorClickId })
  t.same(body.stripeReferences.sort(), [customer?.id, subscription?.id].sort())
  t.ok(body.entries.every((entry, index) => index === 0 || Date.parse(entry.at) >= Date.parse(body.entries[index - 1]?.at ?? '')), 'in order')

  const facts = body.entries.flatMap(entry => entry.kind === 'fact' ? [entry.trackingEvent] : [])
  t.ok(facts.every(fact => fact.customerKey === userId))
  t.same(new Set(facts.map(fact => fact.kind)), new Set(['lead', 'sale', 'refund']))
  t.match(facts.find(fact => fact.state === 'skipped'), { reason: 'twin_of_session', explanation: /counted as its Checkout Session/ })
  const lead = facts.find(fact => fact.kind === 'lead')
  const attempts = body.entries.flatMap(entry => entry.kind === 'attempt' ? [entry.attempt] : [])
  t.same(attempts.filter(attempt => attempt.trackingEventId === lead?.id).map(attempt => attempt.status), lead?.attempts === 2 ? [503, 200] : [503])
  t.ok(body.entries.some(entry => entry.kind === 'stripe_event' && entry.stripeEvent.type === 'checkout.session.completed'))
})

t.test('the story says why a partner was not paid', async t => {
  const service = await startService(t)
  const { userId, accessToken } = await service.signUp()
  const sessionId = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, { method: 'bank_debit' })
  await service.work()
  const { body } = await service.operator<CustomerStory>('GET', `/api/tracking/customers/${userId}`)
  t.equal(body.clickId, null)
  t.match(body.entries.find(entry => entry.kind === 'fact'), {
    trackingEvent: { kind: 'lead', state: 'unattributed', explanation: /no partner brought them/ }
  })
  t.match(body.entries.find(entry => entry.kind === 'stripe_event'), {
    stripeEvent: { state: 'ignored', reason: 'unpaid', explanation: /counted when the money comes/ }
  })
})

t.test('a customer key that nobody has is 404, and the story is the operator\'s alone', async t => {
  const service = await startService(t)
  t.match(await service.operator('GET', '/api/tracking/customers/nobody'), { status: 404, body: { code: 'NOT_FOUND' } })
  t.match(await service.request('GET', '/api/tracking/customers/nobody'), { status: 401, body: { code: 'OPERATOR_ONLY' } })
  t.match(await service.operator('GET', '/api/tracking/customers/%00'), { status: 400, body: { code: 'INVALID_REQUEST' } })
})
