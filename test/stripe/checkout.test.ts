import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { paidSession, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'

t.test('checkout sessions', async t => {
  const service = await startBookkeeper(t)

  // Of what is read, sessions changed at Dahlia only.
  for (const family of ['oldest', 'clover', 'endive'] as const) {
    await t.test(`a paid session is one sale, by the keys of its metadata (${family})`, async t => {
      const buyer = await service.buyer()
      const session = paidSession(buyer)
      const [completed, again] = await service.receive(
        stripeEvent('checkout.session.completed', session, { family }), stripeEvent('checkout.session.async_payment_succeeded', session, { family }))
      t.match(completed, { state: 'interpreted', reason: null, customerKey: buyer.userId })
      t.match(again, { state: 'interpreted' })
      t.match(await service.facts(buyer), [{ transactionId: session.id, state: 'delivered', payload: { amountCents: 4900, currency: 'USD', isRecurring: false } }])
      t.match(service.told(session.id), [{ amount_cents: 4900, currency: 'USD', customer_key: buyer.userId, click_id: buyer.affitorClickId, sale_type: 'payment', is_recurring: false, status: 200 }])
    })

    await t.test(`an unpaid session is no sale until the bank debit clears (${family})`, async t => {
      const buyer = await service.buyer()
      const session = paidSession(buyer, { payment_status: 'unpaid' })
      t.match(await service.receive(stripeEvent('checkout.session.completed', session, { family })), [{ state: 'ignored', reason: 'unpaid', customerKey: buyer.userId }])
      t.same(await service.facts(buyer), [])
      const cleared = { ...session, payment_status: 'paid' as const }
      t.match(await service.receive(stripeEvent('checkout.session.async_payment_succeeded', cleared, { family })), [{ state: 'interpreted' }])
      t.same(service.told(session.id).map(({ amount_cents: amount }) => amount), [4900])
    })

    await t.test(`a bank debit that fails is recorded with its reason (${family})`, async t => {
      const buyer = await service.buyer()
      const session = paidSession(buyer, { payment_status: 'unpaid' })
      t.match(await service.receive(stripeEvent('checkout.session.async_payment_failed', session, { family })), [{ state: 'ignored', reason: 'payment_failed', customerKey: buyer.userId }])
      t.same(await service.facts(buyer), [])
    })
  }

  await t.test('an event out of order changes nothing: the debit cleared, then "completed" arrives', async t => {
    const buyer = await service.buyer()
    const session = paidSession(buyer)
    const [cleared, completed] = await service.receive(
      stripeEvent('checkout.session.async_payment_succeeded', session),
      stripeEvent('checkout.session.completed', { ...session, payment_status: 'unpaid' }))
    t.match([cleared?.state, completed?.reason], ['interpreted', 'unpaid'])
    t.equal((await service.facts(buyer)).length, 1)
  })

  for (const [what, overrides, reason] of [
    ['no payment required', { payment_status: 'no_payment_required', amount_total: 0, payment_intent: null }, 'zero_amount'],
    ['a coupon of 100 %', { amount_total: 0, amount_subtotal: 4900, payment_intent: null, total_details: { amount_discount: 4900, amount_shipping: 0, amount_tax: 0 } }, 'zero_amount'],
    ['a trial', { mode: 'subscription', payment_status: 'no_payment_required', amount_total: 0, subscription: newId('sub_1') }, 'zero_amount'],
    ['a session that only saves a card', { mode: 'setup', payment_status: 'no_payment_required', amount_total: null, currency: null, payment_intent: null }, 'not_a_payment']
  ] as const) {
    await t.test(`${what} is no sale, and 0 is never sent`, async t => {
      const buyer = await service.buyer()
      const session = paidSession(buyer, overrides)
      t.match(await service.receive(stripeEvent('checkout.session.completed', session)), [{ state: 'ignored', reason }])
      t.same(await service.facts(buyer), [])
      t.same(service.told(session.id), [])
    })
  }

  await t.test('a payment link without our metadata is known by its client_reference_id', async t => {
    const buyer = await service.buyer()
    const session = paidSession(null, { client_reference_id: buyer.userId, payment_link: newId('plink_1') })
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(service.told(session.id), [{ customer_key: buyer.userId, status: 200 }])
  })

  await t.test('a payment link without any key is known by the Stripe customer of an earlier session', async t => {
    const buyer = await service.buyer()
    const customer = newId('cus_', 14)
    const link = paidSession(null, { customer, payment_link: newId('plink_1') })
    const [unknown] = await service.receive(stripeEvent('checkout.session.completed', link))
    t.match(unknown, { state: 'ignored', reason: 'no_customer', customerKey: null })
    await service.receive(stripeEvent('checkout.session.completed', paidSession(buyer, { customer, created: link.created - 60 })))
    t.match(await service.stored(unknown?.id ?? ''), [{ state: 'interpreted', reason: null, customerKey: buyer.userId }], 'and it is read again once the customer is known')
    t.match(service.told(link.id), [{ customer_key: buyer.userId, status: 200 }])
  })

  await t.test('what a Stripe customer paid before it was ours stays out', async t => {
    const buyer = await service.buyer()
    const customer = newId('cus_', 14)
    const ours = paidSession(buyer, { customer })
    const [, before] = await service.receive(
      stripeEvent('checkout.session.completed', ours),
      stripeEvent('checkout.session.completed', paidSession(null, { customer, created: ours.created - 86_400 }), { created: ours.created - 86_000 }))
    t.match(before, { state: 'ignored', reason: 'no_customer' })
  })

  await t.test('a session of another shop on the Stripe account is ignored, never a failure', async t => {
    const other = paidSession(null, { metadata: { affitor_customer_key: 'user_of_theirs', program_id: '77' } })
    const [theirs, nobodys, blank] = await service.receive(
      stripeEvent('checkout.session.completed', other),
      stripeEvent('checkout.session.completed', paidSession(null)),
      stripeEvent('checkout.session.completed', paidSession(null, { client_reference_id: '', metadata: { affitor_customer_key: '' } })))
    t.match(theirs, { state: 'ignored', reason: 'other_program' })
    t.match(nobodys, { state: 'ignored', reason: 'no_customer' })
    t.match(blank, { state: 'ignored', reason: 'no_customer' })
    t.same(service.told(other.id), [])
  })

  await t.test('an event of the other Stripe mode is ignored', async t => {
    const buyer = await service.buyer()
    const event = stripeEvent('checkout.session.completed', paidSession(buyer, { livemode: true }), { livemode: true })
    t.match(await service.receive(event), [{ state: 'ignored', reason: 'mode_mismatch', livemode: true }])
    t.same(await service.facts(buyer), [])
  })

  for (const [currency, amount] of [['eur', 4900], ['vnd', 1_200_000]] as const) {
    await t.test(`the currency is sent, in capitals, and the amount in its smallest unit (${currency})`, async t => {
      const session = paidSession(await service.buyer(), { currency, amount_total: amount })
      await service.receive(stripeEvent('checkout.session.completed', session))
      t.match(service.told(session.id), [{ currency: currency.toUpperCase(), amount_cents: amount, status: 200 }])
    })
  }

  await t.test('a currency that Affitor does not take needs attention and is not sent', async t => {
    const buyer = await service.buyer()
    const session = paidSession(buyer, { currency: 'jpy', amount_total: 5000 })
    t.match(await service.receive(stripeEvent('checkout.session.completed', session)), [{ state: 'interpreted' }])
    t.match(await service.facts(buyer), [{ state: 'needs_attention', reason: 'unsupported_currency', explanation: /SALE_CURRENCIES/, payload: { amountCents: 5000, currency: 'JPY' } }])
    t.same(service.told(session.id), [])
  })

  await t.test('a price shown in the buyer\'s currency is told in the shop\'s', async t => {
    const session = paidSession(await service.buyer(), { presentment_details: { presentment_amount: 4550, presentment_currency: 'eur' } })
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(service.told(session.id), [{ currency: 'USD', amount_cents: 4900 }])
  })

  await t.test('an object that does not say when it was made is as old as its event', async t => {
    const buyer = await service.buyer()
    const { created: _absent, ...session } = paidSession(buyer)
    await service.receive(stripeEvent('checkout.session.completed', session as never, { created: 1_790_000_000 }))
    t.match(await service.facts(buyer), [{ state: 'delivered', occurredAt: new Date(1_790_000_000_000).toISOString() }])
  })

  await t.test('an event that cannot be read fails alone; the next one is read', async t => {
    const buyer = await service.buyer()
    const session = paidSession(buyer)
    const [broken, fine] = await service.receive(
      stripeEvent('checkout.session.completed', { ...session, id: newId('cs_test_', 58), created: 'yesterday' as unknown as number }),
      stripeEvent('checkout.session.completed', session))
    t.match(broken, { state: 'failed', reason: 'interpretation_failed' })
    t.match(fine, { state: 'interpreted' })
  })
})
