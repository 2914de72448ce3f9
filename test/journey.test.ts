import t from 'tap'
import { startService } from './helpers/service.js'

t.test('a one-time payment reaches Affitor as a sale, after its lead', async t => {
  const service = await startService(t)
  const affitorClickId = await service.affitor.click()
  const { userId, accessToken } = await service.signUp({ affitorClickId })
  const sessionId = await service.checkOut(accessToken)
  await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()

  const [lead, sale, ...rest] = await service.ledger()
  t.same(rest, [])
  t.match(lead, { kind: 'lead', transactionId: userId, state: 'delivered', attempts: 1 })
  t.match(sale, {
    kind: 'sale',
    transactionId: sessionId,
    customerKey: userId,
    state: 'delivered',
    payload: { v: 1, amountCents: 4900, currency: 'USD', saleType: 'payment', isRecurring: false, clickId: affitorClickId }
  })
  t.same(service.affitor.calls().filter(call => call.endpoint !== 'click').map(call => [call.endpoint, call.status]), [['lead', 200], ['sale', 200]])
  t.match(service.affitor.sandbox.affitorState.sales[0], { transactionId: sessionId, amountCents: 4900, currency: 'USD', commissionId: Number })
})

t.test('a subscription: one sale for session and invoice, a recurring sale for the renewal, a refund of it', async t => {
  const service = await startService(t)
  const { userId, accessToken } = await service.signUp({ affitorClickId: await service.affitor.click() })
  const sessionId = await service.checkOut(accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const paid = await service.stripe.control('POST', `/checkout/sessions/${sessionId}/pay`, {})
  await service.work()
  const renewed = await service.stripe.control('POST', `/subscriptions/${paid.subscription?.id}/renew`, {})
  await service.work()
  const refunded = await service.stripe.control('POST', '/refunds', { invoice: renewed.invoice?.id, amount: 500 })
  await service.work()

  const facts = Object.fromEntries((await service.ledger()).map(event => [event.transactionId, event]))
  const renewalId = renewed.invoice?.id ?? ''
  const refundId = refunded.refund.id
  t.strictSame(Object.keys(facts).sort(), [userId, sessionId, paid.invoice?.id, renewalId, refundId].sort())
  t.match(facts[userId], { kind: 'lead', state: 'delivered', reason: null })
  t.match(facts[sessionId], {
    kind: 'sale', state: 'delivered', payload: { isRecurring: false, subscriptionId: paid.subscription?.id, subscriptionInterval: 'monthly' }
  })
  t.match(facts[paid.invoice?.id ?? ''], { kind: 'sale', state: 'skipped', reason: 'twin_of_session' })
  t.match(facts[renewalId], {
    kind: 'sale', state: 'delivered', payload: { amountCents: 1900, isRecurring: true, subscriptionId: paid.subscription?.id }
  })
  t.match(facts[refundId], { kind: 'refund', state: 'delivered', saleTransactionId: renewalId, payload: { amountCents: 500, full: false } })
  t.same(service.affitor.sandbox.affitorState.sales.map(sale => sale.transactionId), [sessionId, renewalId])
  t.match(service.affitor.sandbox.affitorState.refunds, [{ transactionId: renewalId, amountCents: 500, status: 'refunded' }])
})
