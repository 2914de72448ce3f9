import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { disputeOf, paidInvoice, paidSession, paymentOf, refundOf, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'

t.test('what was given up before its sale arrived', async t => {
  const service = await startBookkeeper(t)
  const giveUp = async (...ids: string[]) => {
    await service.letParkedAge(73)
    t.match(await service.stored(...ids), ids.map(() => ({ state: 'ignored', reason: 'sale_not_found' })), 'given up')
  }

  await t.test('a refund that was given up is told when its sale comes after all', async t => {
    const session = paidSession(await service.buyer())
    const [refund] = await service.receive(stripeEvent('refund.created', refundOf(session.payment_intent as string, 1000)))
    await giveUp(refund?.id ?? '')
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(await service.stored(refund?.id ?? ''), [{ state: 'interpreted', reason: null }])
    t.match(service.told(session.id), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_amount_cents: 1000, status: 200 }])
  })

  await t.test('a lost dispute that was given up is told when its sale comes after all', async t => {
    const session = paidSession(await service.buyer())
    const [dispute] = await service.receive(stripeEvent('charge.dispute.closed', disputeOf(session.payment_intent as string, 4900)))
    await giveUp(dispute?.id ?? '')
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(service.told(session.id), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_amount_cents: undefined, status: 200 }])
  })

  await t.test('a refund that was given up is told when its payment is joined to an invoice after all', async t => {
    const [invoice, payment] = [paidInvoice(await service.buyer()), newId('pi_3')]
    const [refund] = await service.receive(stripeEvent('invoice.paid', invoice), stripeEvent('refund.created', refundOf(payment, 500))).then(stored => stored.slice(1))
    await giveUp(refund?.id ?? '')
    await service.receive(stripeEvent('invoice_payment.paid', paymentOf(invoice.id, payment, 1900)))
    t.match(service.told(invoice.id), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_amount_cents: 500, status: 200 }])
  })

  await t.test('a refund of an unknown customer\'s payment is told once the customer is known', async t => {
    const buyer = await service.buyer()
    const customer = newId('cus_', 14)
    const session = paidSession(null, { customer })
    const [, refund] = await service.receive(
      stripeEvent('checkout.session.completed', session), stripeEvent('refund.created', refundOf(session.payment_intent as string, 1000)))
    await giveUp(refund?.id ?? '')
    await service.receive(stripeEvent('checkout.session.completed', paidSession(buyer, { customer, created: session.created - 60 })))
    t.match(service.told(session.id), [{ endpoint: 'sale', customer_key: buyer.userId }, { endpoint: 'refund', refund_amount_cents: 1000 }])
  })

  await t.test('reading an event again gives it the whole waiting time again, however old it is', async t => {
    const [refund] = await service.receive(stripeEvent('refund.created', refundOf(newId('pi_3'), 1000)))
    await giveUp(refund?.id ?? '')
    await query(service.connectionString, "update stripe_events set received_at = now() - interval '20 days' where id = $1", [refund?.id])
    await service.operator('POST', `/api/tracking/stripe-events/${refund?.id}/retry`)
    await service.work()
    t.match(await service.stored(refund?.id ?? ''), [{ state: 'parked', reason: 'waiting_for_sale', nextAttemptAt: String }])
  })

  await t.test('an event that Stripe could not be asked about for days is parked when it can, not given up', async t => {
    await service.stripe.control('POST', '/behaviour', { holdWebhooks: true, failStatus: 403, times: 1 })
    const event = stripeEvent('refund.created', refundOf(newId('pi_3'), 1000))
    const [waiting] = await service.receive(event)
    t.match(waiting, { state: 'received', attempts: 1 })
    await query(service.connectionString, "update stripe_events set received_at = now() - interval '20 days', next_attempt_at = now() where id = $1", [event.id])
    await service.work()
    t.match(await service.stored(event.id), [{ state: 'parked' }])
  })

  await t.test('a refund that is given up while its sale is being recorded is told', async t => {
    const session = paidSession(await service.buyer())
    const [refund] = await service.receive(stripeEvent('refund.created', refundOf(session.payment_intent as string, 1000)))
    await query(service.connectionString, "update stripe_events set parked_since = parked_since - interval '73 hours', next_attempt_at = now() where id = $1", [refund?.id])
    // Both are due at the same moment, and read side by side.
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(service.told(session.id), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_amount_cents: 1000 }])
  })
})
