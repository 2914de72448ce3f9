import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { price, recurring } from '../../sandbox/stripe/objects/index.js'
import { metadataOf, paidInvoice, paidSession, since, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'

// Stripe's API knows none of these objects: what is found is found in the events and in the ledger.
t.test('invoices of subscriptions', async t => {
  const service = await startBookkeeper(t)

  for (const family of ['oldest', 'acacia', 'basil', 'endive'] as const) {
    await t.test(`a renewal is a recurring sale; session and first invoice are one (${family})`, async t => {
      const buyer = await service.buyer()
      const subscription = newId('sub_1')
      const around = { family, paymentIntent: newId('pi_3'), charge: newId('ch_3') }
      const first = paidInvoice(buyer, { subscription }, { billing_reason: 'subscription_create' })
      const renewal = paidInvoice(buyer, { subscription }, { created: first.created + 60 })
      const session = paidSession(buyer, { amount_total: 1900, invoice: first.id, mode: 'subscription', subscription, created: first.created - 1 })
      const stored = await service.receive(
        stripeEvent('checkout.session.completed', session, { family }),
        stripeEvent('invoice.paid', first, around),
        stripeEvent('invoice.paid', renewal, around),
        stripeEvent('invoice.payment_succeeded', renewal, around))
      t.same(stored.map(({ state, reason, customerKey }) => [state, reason, customerKey]), stored.map(() => ['interpreted', null, buyer.userId]))
      t.match(await service.facts(buyer), [
        { transactionId: session.id, state: 'delivered', payload: { isRecurring: false } },
        { transactionId: first.id, state: 'skipped', reason: 'twin_of_session' },
        { transactionId: renewal.id, state: 'delivered', reason: null }
      ])
      t.match(service.told(renewal.id), [{
        amount_cents: 1900,
        currency: 'USD',
        customer_key: buyer.userId,
        click_id: buyer.affitorClickId,
        is_recurring: true,
        sale_type: 'subscription',
        subscription_id: subscription,
        // Since Basil the lines no longer tell it.
        subscription_interval: since('basil').includes(family) ? undefined : 'monthly'
      }])
      t.equal(service.told(renewal.id).length, 1)
    })
  }

  for (const [interval, count, told] of [['month', 1, 'monthly'], ['month', 3, 'quarterly'], ['year', 1, 'annual'], ['week', 1, undefined], ['month', 6, undefined]] as const) {
    await t.test(`a subscription of ${count} ${interval} is told as ${told ?? 'no interval'}`, async t => {
      const invoice = paidInvoice(await service.buyer(), { price: price({ recurring: recurring(interval, count) }) })
      await service.receive(stripeEvent('invoice.paid', invoice, { family: 'acacia', price: price({ recurring: recurring(interval, count) }) }))
      const [sale] = service.told(invoice.id)
      t.match(sale, { amount_cents: 1900, status: 200 })
      t.equal(sale?.subscription_interval, told)
    })
  }

  await t.test('the first paid invoice after a trial is not recurring, the next one is', async t => {
    const buyer = await service.buyer()
    const subscription = newId('sub_1')
    const trial = paidInvoice(buyer, { subscription, amount: 0 }, { billing_reason: 'subscription_create' })
    const session = paidSession(buyer, { amount_total: 0, invoice: trial.id, mode: 'subscription', payment_status: 'no_payment_required', subscription })
    const first = paidInvoice(buyer, { subscription }, { created: trial.created + 60 })
    const second = paidInvoice(buyer, { subscription }, { created: trial.created + 120 })
    const stored = await service.receive(...[
      stripeEvent('checkout.session.completed', session), ...[trial, first, second].map(invoice => stripeEvent('invoice.paid', invoice))])
    t.same(stored.map(({ reason }) => reason), ['zero_amount', 'zero_amount', null, null])
    t.same([first, second].map(({ id }) => service.told(id)[0]?.is_recurring), [false, true])
  })

  await t.test('an upgrade in mid-cycle is a sale of its own', async t => {
    const buyer = await service.buyer()
    const subscription = newId('sub_1')
    const cycle = paidInvoice(buyer, { subscription })
    const upgrade = paidInvoice(buyer, { subscription, amount: 1700 }, { billing_reason: 'subscription_update', created: cycle.created + 60 })
    await service.receive(stripeEvent('invoice.paid', cycle), stripeEvent('invoice.paid', upgrade))
    t.match(service.told(upgrade.id), [{ amount_cents: 1700, is_recurring: true, subscription_id: subscription }])
  })

  await t.test('an invoice that credit or a coupon covered is no sale, and 0 is never sent', async t => {
    const buyer = await service.buyer()
    const covered = paidInvoice(buyer, {}, { amount_due: 0, amount_paid: 0, starting_balance: -1900, ending_balance: 0 })
    const downgrade = paidInvoice(buyer, {}, { amount_due: 0, amount_paid: 0, billing_reason: 'subscription_update', total: -700 })
    t.match(await service.receive(stripeEvent('invoice.paid', covered), stripeEvent('invoice.paid', downgrade)),
      [{ state: 'ignored', reason: 'zero_amount' }, { state: 'ignored', reason: 'zero_amount' }])
    t.same(await service.facts(buyer), [])
  })

  await t.test('of an invoice that credit covered in part, what was paid counts', async t => {
    const invoice = paidInvoice(await service.buyer(), {}, { amount_due: 1200, amount_paid: 1200, starting_balance: -700, ending_balance: 0 })
    await service.receive(stripeEvent('invoice.paid', invoice))
    t.match(service.told(invoice.id), [{ amount_cents: 1200 }])
  })

  await t.test('an invoice of something else, without our metadata, is ignored', async t => {
    const manual = paidInvoice(null, {}, { billing_reason: 'manual', parent: null })
    t.match(await service.receive(stripeEvent('invoice.paid', manual)), [{ state: 'ignored', reason: 'no_metadata' }])
  })

  await t.test('a single invoice that carries our metadata is a sale', async t => {
    const buyer = await service.buyer()
    const manual = paidInvoice(null, {}, { billing_reason: 'manual', parent: null, metadata: metadataOf(buyer) })
    await service.receive(stripeEvent('invoice.paid', manual), stripeEvent('invoice.payment_succeeded', manual))
    t.match(service.told(manual.id), [{ amount_cents: 1900, customer_key: buyer.userId, sale_type: 'payment', is_recurring: false, status: 200 }])
  })

  await t.test('the first invoice of a quote that was accepted is a sale that does not recur', async t => {
    const buyer = await service.buyer()
    const quoted = paidInvoice(buyer, {}, { billing_reason: 'quote_accept' })
    await service.receive(stripeEvent('invoice.paid', quoted))
    t.match(service.told(quoted.id), [{ customer_key: buyer.userId, sale_type: 'subscription', is_recurring: false, status: 200 }])
  })

  await t.test('an invoice of another program is ignored', async t => {
    const buyer = await service.buyer()
    const invoice = paidInvoice(buyer)
    const theirs = { ...invoice, parent: { type: 'subscription_details', quote_details: null, subscription_details: { metadata: { affitor_customer_key: buyer.userId, program_id: '77' }, subscription: newId('sub_1') } } }
    t.match(await service.receive(stripeEvent('invoice.paid', theirs)), [{ state: 'ignored', reason: 'other_program' }])
  })

  for (const family of ['oldest', 'acacia', 'basil', 'endive'] as const) {
    await t.test(`an invoice without our metadata is known by its subscription, or by the Stripe customer (${family})`, async t => {
      const buyer = await service.buyer()
      const [customer, subscription] = [newId('cus_', 14), newId('sub_1')]
      const session = paidSession(buyer, { customer, mode: 'subscription', subscription })
      const bySubscription = paidInvoice(null, { subscription }, { created: session.created + 60 })
      const byCustomer = paidInvoice(null, {}, { created: session.created + 60, customer })
      const nobodys = paidInvoice(null)
      const stored = await service.receive(
        stripeEvent('checkout.session.completed', session, { family }),
        ...[bySubscription, byCustomer, nobodys].map(invoice => stripeEvent('invoice.paid', invoice, { family })))
      t.same(stored.map(({ customerKey, reason }) => [customerKey, reason]), [
        ...Array.from({ length: 3 }, () => [buyer.userId, null]), [null, 'no_customer']])
      t.match(service.told(bySubscription.id), [{ customer_key: buyer.userId, is_recurring: true }])
      t.match(service.told(byCustomer.id), [{ customer_key: buyer.userId }])
    })
  }

  await t.test('a subscription that was made by API is a sale by its first invoice', async t => {
    const buyer = await service.buyer()
    const subscription = newId('sub_1')
    const first = paidInvoice(buyer, { subscription }, { billing_reason: 'subscription_create' })
    const renewal = paidInvoice(buyer, { subscription }, { created: first.created + 60 })
    await service.receive(stripeEvent('invoice.paid', first), stripeEvent('invoice.paid', renewal))
    t.match([first, renewal].map(({ id }) => service.told(id)), [[{ is_recurring: false, amount_cents: 1900 }], [{ is_recurring: true }]])
  })

  await t.test('an invoice overtakes its session, which Stripe does not list yet: still one sale', async t => {
    const buyer = await service.buyer()
    const subscription = newId('sub_1')
    const first = paidInvoice(buyer, { subscription }, { billing_reason: 'subscription_create' })
    const session = paidSession(buyer, { amount_total: 1900, invoice: first.id, mode: 'subscription', subscription })
    await service.receive(stripeEvent('invoice.paid', first))
    t.match(await service.receive(stripeEvent('checkout.session.completed', session)), [{ state: 'ignored', reason: 'already_counted' }])
    t.match(await service.facts(buyer), [{ transactionId: first.id, state: 'delivered' }])
    t.same(service.told(session.id), [])
  })
})
