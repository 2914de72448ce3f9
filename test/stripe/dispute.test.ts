import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { balanceTransaction } from '../../sandbox/stripe/objects/index.js'
import { disputeOf, paidInvoice, paidSession, refundOf, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'

// Stripe's API knows none of these payments, so what is told is what the events tell.
t.test('disputes', async t => {
  const service = await startBookkeeper(t)

  /** A delivered sale of 49.00, and its payment. */
  const sold = async () => {
    const buyer = await service.buyer()
    const session = paidSession(buyer)
    await service.receive(stripeEvent('checkout.session.completed', session))
    return { buyer, sale: session.id, payment: session.payment_intent as string }
  }
  const toldRefunds = (sale: string) => service.told(sale).filter(({ endpoint }) => endpoint === 'refund')

  // Disputes are the same in all versions; each shape is sent in shapes.test.ts.
  for (const family of ['oldest', 'endive'] as const) {
    await t.test(`a dispute takes the sale back when it is lost, not before (${family})`, async t => {
      const { buyer, sale, payment } = await sold()
      const dispute = disputeOf(payment, 4900, { status: 'needs_response' })
      t.match(await service.receive(stripeEvent('charge.dispute.created', dispute, { family })), [{ state: 'ignored', reason: 'dispute_open' }])
      t.same(toldRefunds(sale), [])
      const [lost, again] = await service.receive(
        stripeEvent('charge.dispute.closed', { ...dispute, status: 'lost' }, { family }),
        stripeEvent('charge.dispute.closed', { ...dispute, status: 'lost' }, { family }))
      t.match([lost, again], [{ state: 'interpreted', customerKey: buyer.userId }, { state: 'ignored', reason: 'already_counted' }])
      t.match(await service.facts(buyer), [{}, { kind: 'refund', transactionId: dispute.id, state: 'delivered', payload: { full: true, amountCents: 4900, refundReason: 'dispute_lost' } }])
      t.match(toldRefunds(sale), [{ refund_reason: 'dispute_lost', status: 200 }])
      t.equal(toldRefunds(sale).length, 1)
    })
  }

  for (const status of ['warning_needs_response', 'warning_under_review', 'warning_closed']) {
    await t.test(`an inquiry does nothing (${status})`, async t => {
      const { sale, payment } = await sold()
      const type = status === 'warning_closed' ? 'charge.dispute.closed' : 'charge.dispute.created'
      t.match(await service.receive(stripeEvent(type, disputeOf(payment, 4900, { status }))), [{ state: 'ignored', reason: 'dispute_warning' }])
      t.same(toldRefunds(sale), [])
    })
  }

  await t.test('a dispute that was won takes nothing back', async t => {
    const { sale, payment } = await sold()
    const won = disputeOf(payment, 4900, { status: 'won' })
    t.match(await service.receive(stripeEvent('charge.dispute.closed', won), stripeEvent('charge.dispute.funds_reinstated', won)),
      [{ state: 'ignored', reason: 'dispute_won' }, { state: 'ignored', reason: 'dispute_won' }])
    t.same(toldRefunds(sale), [])
  })

  await t.test('a dispute that was won on appeal, after it was told as lost, needs attention', async t => {
    const { buyer, payment } = await sold()
    const lost = disputeOf(payment, 4900)
    const [, appealed] = await service.receive(
      stripeEvent('charge.dispute.closed', lost),
      stripeEvent('charge.dispute.closed', { ...lost, status: 'appeal_under_review' }),
      stripeEvent('charge.dispute.funds_reinstated', { ...lost, status: 'won' }))
    t.match(appealed, { state: 'ignored', reason: 'dispute_open' })
    t.match((await service.facts(buyer)).at(-1), { transactionId: lost.id, state: 'needs_attention', reason: 'dispute_won_after_reversal' })
  })

  await t.test('a dispute that was won before its loss was told is skipped', async t => {
    const { buyer, payment } = await sold()
    service.affitor.behave({ failStatus: 503, retryAfterSeconds: 60, endpoints: ['sale'] })
    await service.receive(stripeEvent('checkout.session.completed', paidSession(buyer)))
    const lost = disputeOf(payment, 4900)
    await service.receive(stripeEvent('charge.dispute.closed', lost), stripeEvent('charge.dispute.funds_reinstated', { ...lost, status: 'won' }))
    service.affitor.behave({})
    t.match((await service.facts(buyer)).at(-1), { transactionId: lost.id, state: 'skipped', reason: 'dispute_won' })
    await query(service.connectionString, "update tracking_events set state = 'skipped' where state = 'pending'")
  })

  await t.test('a dispute that was prevented takes back what it took, and nothing when it took nothing', async t => {
    const [resolved, blocked] = [await sold(), await sold()]
    const taken = disputeOf(resolved.payment, 4900, { status: 'prevented', balance_transactions: [balanceTransaction({ amount: -4900 })] })
    const stored = await service.receive(
      stripeEvent('charge.dispute.created', taken), stripeEvent('charge.dispute.closed', taken),
      stripeEvent('charge.dispute.created', disputeOf(blocked.payment, 4900, { status: 'prevented' })))
    t.same(stored.map(({ state, reason }) => [state, reason]), [['interpreted', null], ['ignored', 'already_counted'], ['ignored', 'dispute_prevented']])
    t.match(toldRefunds(resolved.sale), [{ refund_reason: 'dispute_prevented', status: 200 }])
    t.same(toldRefunds(blocked.sale), [])
  })

  await t.test('a dispute that was prevented, whose event does not show what moved, is none that cannot be read', async t => {
    const { sale, payment } = await sold()
    const { balance_transactions: _absent, ...dispute } = disputeOf(payment, 4900, { status: 'prevented' })
    t.match(await service.receive(stripeEvent('charge.dispute.closed', dispute as never)), [{ state: 'ignored', reason: 'dispute_prevented' }])
    t.same(toldRefunds(sale), [])
    const taken = disputeOf(payment, 4900, { status: 'prevented', id: dispute.id, balance_transactions: [balanceTransaction({ amount: -4900 })] })
    service.stripe.sandbox.stripe.state.disputes.set(taken.id, taken)
    await service.receive(stripeEvent('charge.dispute.closed', dispute as never))
    t.match(toldRefunds(sale), [{ refund_reason: 'dispute_prevented', status: 200 }], 'Stripe shows what moved')
  })

  await t.test('refund and dispute of one sale never come to more than the sale', async t => {
    const { buyer, sale, payment } = await sold()
    await service.receive(stripeEvent('refund.created', refundOf(payment, 1000)), stripeEvent('charge.dispute.closed', disputeOf(payment, 4900)))
    t.same(toldRefunds(sale).map(({ refund_amount_cents: cents }) => cents), [1000, 3900])
    t.match((await service.facts(buyer)).at(-1), { payload: { amountCents: 3900, full: false }, state: 'needs_attention', reason: 'later_refund_not_applied' })
    t.match(await service.receive(stripeEvent('refund.created', refundOf(payment, 1000))), [{ state: 'ignored', reason: 'already_counted' }])
  })

  await t.test('a dispute that overtakes its sale is parked, and told after it', async t => {
    const invoice = paidInvoice(await service.buyer())
    const payment = newId('pi_3')
    const [parked] = await service.receive(stripeEvent('charge.dispute.closed', disputeOf(payment, 1900), { family: 'acacia' }))
    t.match(parked, { state: 'parked', reason: 'waiting_for_sale' })
    await service.receive(stripeEvent('invoice.paid', invoice, { family: 'acacia', paymentIntent: payment }))
    t.match(await service.stored(parked?.id ?? ''), [{ state: 'interpreted' }])
    t.match(service.told(invoice.id), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_reason: 'dispute_lost' }])
  })

  await t.test('a dispute of a payment that no session or invoice made is ignored', async t => {
    t.match(await service.receive(stripeEvent('charge.dispute.closed', disputeOf('', 900, { payment_intent: null }))), [{ state: 'ignored', reason: 'sale_not_found' }])
  })
})
