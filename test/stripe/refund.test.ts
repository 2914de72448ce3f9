import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { disputeOf, familiesOf, paidInvoice, paidSession, paymentOf, refundedCharge, refundOf, since, stripeEvent } from '../fixtures/index.js'
import type { Buyer } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'

// Stripe's API knows none of these payments, so what is told is what the events tell.
t.test('refunds', async t => {
  const service = await startBookkeeper(t)

  /** A delivered sale of 49.00, and its payment. */
  const sold = async (known?: Buyer) => {
    const buyer = known ?? await service.buyer()
    const session = paidSession(buyer)
    await service.receive(stripeEvent('checkout.session.completed', session))
    return { buyer, session, sale: session.id, payment: session.payment_intent as string }
  }
  const toldRefunds = (sale: string) => service.told(sale).filter(({ endpoint }) => endpoint === 'refund')

  for (const family of ['oldest', 'acacia', 'endive'] as const) {
    const types = (['refund.created', 'refund.updated', 'charge.refund.updated'] as const).filter(type => familiesOf(type).includes(family))
    await t.test(`a refund is told once, whichever of its events arrive (${family}: ${types.join(', ')})`, async t => {
      const { buyer, sale, payment } = await sold()
      const refund = refundOf(payment, 1000)
      const [first, ...repeats] = await service.receive(...types.map(type => stripeEvent(type, refund, { family })))
      t.match(first, { state: 'interpreted', customerKey: buyer.userId })
      t.same(repeats.map(({ state, reason }) => [state, reason]), repeats.map(() => ['ignored', 'already_counted']))
      t.match(toldRefunds(sale), [{ refund_amount_cents: 1000, refund_reason: 'requested_by_customer', status: 200 }])
      t.equal(toldRefunds(sale).length, 1)
      t.match((await service.facts(buyer)).at(-1), { kind: 'refund', transactionId: refund.id, saleTransactionId: sale, state: 'delivered', payload: { amountCents: 1000, full: false } })
    })
  }

  await t.test('charge.refunded is cumulative: of versions that send nothing else, each refund is told by its own amount (oldest)', async t => {
    const { sale, payment } = await sold()
    const [first, second] = [refundOf(payment, 1000), refundOf(payment, 500)]
    const stored = await service.receive(
      stripeEvent('charge.refunded', refundedCharge(payment, 4900, 1000), { family: 'oldest', refunds: [first] }),
      stripeEvent('charge.refunded', refundedCharge(payment, 4900, 1500), { family: 'oldest', refunds: [second, first] }),
      stripeEvent('charge.refund.updated', second, { family: 'oldest' }))
    t.same(stored.map(({ state }) => state), ['interpreted', 'interpreted', 'ignored'])
    t.same(toldRefunds(sale).map(({ refund_amount_cents: cents }) => cents), [1000, 500])
  })

  await t.test('charge.refunded after the refund\'s own event is not counted twice (oldest)', async t => {
    const { sale, payment } = await sold()
    const refund = refundOf(payment, 1000)
    const [, charge] = await service.receive(
      stripeEvent('charge.refund.updated', refund, { family: 'oldest' }),
      stripeEvent('charge.refunded', refundedCharge(payment, 4900, 1000), { family: 'oldest', refunds: [refund] }))
    t.match(charge, { state: 'ignored', reason: 'already_counted' })
    t.equal(toldRefunds(sale).length, 1)
  })

  await t.test('a refund beside a dispute that was lost in part is counted, although the dispute took more (oldest)', async t => {
    const { sale, payment } = await sold()
    await service.receive(
      stripeEvent('charge.dispute.closed', disputeOf(payment, 3000)),
      stripeEvent('charge.refunded', refundedCharge(payment, 4900, 500), { family: 'oldest', refunds: [refundOf(payment, 500)] }))
    t.same(toldRefunds(sale).map(({ refund_amount_cents: cents }) => cents), [3000, 500])
  })

  await t.test('a refund of the whole sale is told as full, without an amount', async t => {
    const { buyer, sale, payment } = await sold()
    await service.receive(stripeEvent('refund.created', refundOf(payment, 4900)))
    t.notOk('refund_amount_cents' in (toldRefunds(sale)[0] ?? {}))
    t.match((await service.facts(buyer)).at(-1), { state: 'delivered', payload: { full: true }, response: { status: 'reversed' } })
  })

  await t.test('a later refund of one sale is sent, and needs attention: Affitor applies one', async t => {
    const { buyer, sale, payment } = await sold()
    await service.receive(stripeEvent('refund.created', refundOf(payment, 1000)), stripeEvent('refund.created', refundOf(payment, 3900)))
    t.same(toldRefunds(sale).map(({ refund_amount_cents: cents, status }) => [cents, status]), [[1000, 200], [3900, 200]], 'the rest is not told as full')
    t.match(await service.facts(buyer), [{}, { state: 'delivered' }, { state: 'needs_attention', reason: 'later_refund_not_applied' }])
  })

  await t.test('refunds never come to more than the sale', async t => {
    const { sale, payment } = await sold()
    const stored = await service.receive(...[3000, 3000, 100].map(amount => stripeEvent('refund.created', refundOf(payment, amount))))
    t.same(stored.map(({ state }) => state), ['interpreted', 'interpreted', 'ignored'])
    t.same(toldRefunds(sale).map(({ refund_amount_cents: cents }) => cents), [3000, 1900])
  })

  for (const status of ['pending', 'requires_action']) {
    await t.test(`a refund that is ${status} waits until it has gone through`, async t => {
      const { sale, payment } = await sold()
      const refund = refundOf(payment, 1000, { status })
      t.match(await service.receive(stripeEvent('refund.created', refund)), [{ state: 'ignored', reason: 'refund_pending' }])
      t.same(toldRefunds(sale), [])
      await service.receive(stripeEvent('refund.updated', { ...refund, status: 'succeeded' }, { previous_attributes: { status } }))
      t.match(toldRefunds(sale), [{ refund_amount_cents: 1000 }])
    })
  }

  for (const [type, status] of [['refund.failed', 'failed'], ['refund.updated', 'canceled'], ['charge.refund.updated', 'failed']] as const) {
    await t.test(`a refund that turns out ${status} after it was told needs attention (${type})`, async t => {
      const { buyer, payment } = await sold()
      const refund = refundOf(payment, 1000)
      const [, failed] = await service.receive(stripeEvent('refund.created', refund), stripeEvent(type, { ...refund, status }))
      t.match(failed, { state: 'ignored', reason: 'refund_failed' })
      t.match((await service.facts(buyer)).at(-1), { transactionId: refund.id, state: 'needs_attention', reason: 'refund_failed_after_sent' })
    })
  }

  await t.test('a refund that failed before it was told is skipped, and the next one takes its place', async t => {
    const { buyer, sale, payment } = await sold()
    // An earlier fact of the buyer that Affitor does not take for now: what comes after it has to wait.
    service.affitor.behave({ failStatus: 503, retryAfterSeconds: 60, endpoints: ['sale'] })
    await service.receive(stripeEvent('checkout.session.completed', paidSession(buyer)))
    const refund = refundOf(payment, 4900)
    await service.receive(stripeEvent('refund.created', refund), stripeEvent('refund.failed', { ...refund, status: 'failed' }))
    t.match((await service.facts(buyer)).at(-1), { transactionId: refund.id, state: 'skipped', reason: 'refund_failed' })
    service.affitor.behave({})
    await query(service.connectionString, "update tracking_events set next_attempt_at = now() where state = 'pending'")
    await service.receive(stripeEvent('refund.created', refundOf(payment, 4900)))
    t.match(toldRefunds(sale), [{ status: 200 }])
    t.match((await service.facts(buyer)).at(-1), { state: 'delivered', payload: { full: true } })
  })

  for (const family of ['oldest', 'beforeAcacia', 'acacia', 'basil'] as const) {
    await t.test(`a refund that overtakes its sale is parked, and told after it (${family})`, async t => {
      const buyer = await service.buyer()
      const invoice = paidInvoice(buyer)
      const [payment, refund] = [newId('pi_3'), refundOf('', 700)]
      refund.payment_intent = payment
      const charge = refundedCharge(payment, 1900, 700)
      const early = since('acacia').includes(family)
        ? stripeEvent('refund.created', refund, { family })
        : stripeEvent('charge.refunded', charge, { family, refunds: [refund], invoice: invoice.id })
      const known = family === 'beforeAcacia' ? [stripeEvent('charge.refund.updated', refund, { family })] : []
      const stored = await service.receive(early, ...known)
      t.match(stored.at(-1), { state: 'parked', reason: 'waiting_for_sale', nextAttemptAt: String })
      await service.receive(
        stripeEvent('invoice.paid', invoice, { family, paymentIntent: payment }),
        ...since('basil').includes(family) ? [stripeEvent('invoice_payment.paid', paymentOf(invoice.id, payment, 1900), { family })] : [])
      t.match(await service.stored(stored.at(-1)?.id ?? ''), [{ state: 'interpreted', customerKey: buyer.userId }])
      t.match(service.told(invoice.id), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_amount_cents: 700, status: 200 }])
    })
  }

  await t.test('one invoice paid in two payments is one sale; refunds of either find it', async t => {
    const buyer = await service.buyer()
    const invoice = paidInvoice(buyer)
    const payments = [newId('pi_3'), newId('pi_3')] as const
    const [, first, second] = await service.receive(
      stripeEvent('invoice.paid', invoice),
      ...payments.map((payment, index) => stripeEvent('invoice_payment.paid', paymentOf(invoice.id, payment, index === 0 ? 1200 : 700))),
      stripeEvent('refund.created', refundOf(payments[1], 500)),
      stripeEvent('refund.created', refundOf(payments[0], 300)))
    t.match([first, second], [{ state: 'ignored', reason: 'joins_payment' }, { state: 'ignored', reason: 'joins_payment' }])
    t.same(service.told(invoice.id).map(({ amount_cents: paid, refund_amount_cents: refunded }) => paid ?? refunded), [1900, 500, 300])
  })

  await t.test('a refund of a sale that no partner earned is skipped', async t => {
    const { buyer, sale, payment } = await sold(await service.buyer(false))
    await service.receive(stripeEvent('refund.created', refundOf(payment, 1000)))
    t.match(await service.facts(buyer), [
      { kind: 'sale', state: 'unattributed', reason: 'customer_not_found' }, { kind: 'refund', state: 'skipped', reason: 'sale_not_attributed' }
    ])
    t.same(toldRefunds(sale), [])
  })

  await t.test('a refund of a sale that Affitor no longer knows is rejected', async t => {
    const { buyer, payment } = await sold()
    await fetch(`${service.affitor.url}/_sandbox/state`, { method: 'DELETE' })
    await service.receive(stripeEvent('refund.created', refundOf(payment, 1000)))
    t.match((await service.facts(buyer)).at(-1), { kind: 'refund', state: 'rejected', reason: 'sale_unknown_to_affitor' })
  })

  await t.test('a refund of a sale that needs attention needs attention itself', async t => {
    const buyer = await service.buyer()
    const session = paidSession(buyer, { currency: 'jpy', amount_total: 5000 })
    await service.receive(stripeEvent('checkout.session.completed', session), stripeEvent('refund.created', refundOf(session.payment_intent as string, 5000)))
    t.match((await service.facts(buyer)).at(-1), { kind: 'refund', state: 'needs_attention', reason: 'sale_needs_attention' })
  })

  await t.test('a refund whose sale never arrives is given up after the retry time: another shop\'s', async t => {
    const [parked] = await service.receive(stripeEvent('refund.created', refundOf(newId('pi_3'), 1000)))
    t.match(parked, { state: 'parked', reason: 'waiting_for_sale' })
    await service.letParkedAge(73)
    t.match(await service.stored(parked?.id ?? ''), [{ state: 'ignored', reason: 'sale_not_found', nextAttemptAt: null }])
  })

  await t.test('a refund of a payment that no session or invoice made is ignored', async t => {
    t.match(await service.receive(
      stripeEvent('refund.created', refundOf('', 1000, { payment_intent: null })),
      stripeEvent('charge.refunded', refundedCharge('', 1000, 1000, { payment_intent: null }))),
    [{ state: 'ignored', reason: 'sale_not_found' }, { state: 'ignored', reason: 'sale_not_found' }])
  })
})
