import t from 'tap'
import type { Test } from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { paidInvoice, paidSession, refundOf, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import type { Bookkeeper } from '../helpers/bookkeeper.js'

/** A service with these settings. */
async function start (t: Test, variables: Record<string, string>): Promise<Bookkeeper> {
  return await startBookkeeper(t, { variables })
}

const withTax = { amount_subtotal: 4900, amount_total: 6331, total_details: { amount_discount: 0, amount_shipping: 500, amount_tax: 931 } }

t.test('by default everything that was paid counts', async t => {
  const service = await start(t, {})

  await t.test('SALE_AMOUNT=gross: tax and shipping are told too', async t => {
    const session = paidSession(await service.buyer(), withTax)
    const invoice = paidInvoice(await service.buyer(), { amount: 2261, tax: 361 })
    await service.receive(stripeEvent('checkout.session.completed', session), stripeEvent('invoice.paid', invoice))
    t.match([session, invoice].map(({ id }) => service.told(id)), [[{ amount_cents: 6331 }], [{ amount_cents: 2261 }]])
  })

  for (const family of ['oldest', 'beforeAcacia'] as const) {
    await t.test(`COUNT_OUT_OF_BAND_PAYMENTS=true: an invoice paid outside of Stripe is a sale, although nothing was paid by Stripe (${family})`, async t => {
      const invoice = paidInvoice(await service.buyer())
      t.match(await service.receive(stripeEvent('invoice.paid', invoice, { family, outOfBand: true })), [{ state: 'interpreted' }])
      t.match(service.told(invoice.id), [{ amount_cents: 1900, status: 200 }])
    })
  }

  await t.test('COUNT_OUT_OF_BAND_PAYMENTS=true: since Basil it is within what was paid', async t => {
    const buyer = await service.buyer()
    const { subscription } = await service.stripe.control('POST', '/subscriptions', { price: 'price_sandbox_monthly', metadata: { affitor_customer_key: buyer.userId } })
    const { invoice } = await service.stripe.control('POST', `/subscriptions/${subscription?.id}/renew`, { outcome: 'failed' })
    await service.stripe.control('POST', `/invoices/${invoice?.id}/pay`, { out_of_band: true })
    await service.work()
    t.match(service.told(invoice?.id ?? ''), [{ amount_cents: 1900, status: 200 }])
  })
})

t.test('each setting turned', async t => {
  const service = await start(t, {
    SALE_AMOUNT: 'net_of_tax', COUNT_UPGRADES: 'false', COUNT_OUT_OF_BAND_PAYMENTS: 'false', SALE_CURRENCIES: 'usd, JPY'
  })

  await t.test('SALE_AMOUNT=net_of_tax: the tax is left out, shipping is not', async t => {
    const buyer = await service.buyer()
    const session = paidSession(buyer, withTax)
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(service.told(session.id), [{ amount_cents: 5400 }])
    t.match(await service.facts(buyer), [{ payload: { amountCents: 5400, paidCents: 6331 } }])
  })

  for (const family of ['oldest', 'acacia', 'basil', 'endive'] as const) {
    await t.test(`SALE_AMOUNT=net_of_tax: of an invoice paid in part by credit, the same part is tax (${family})`, async t => {
      const buyer = await service.buyer()
      const whole = paidInvoice(buyer, { amount: 2261, tax: 361 })
      const half = paidInvoice(buyer, { amount: 2000, tax: 400 }, { amount_due: 1000, amount_paid: 1000, starting_balance: -1000, ending_balance: 0 })
      await service.receive(stripeEvent('invoice.paid', whole, { family }), stripeEvent('invoice.paid', half, { family }))
      t.match([whole, half].map(({ id }) => service.told(id)), [[{ amount_cents: 1900 }], [{ amount_cents: 800 }]])
    })
  }

  await t.test('SALE_AMOUNT=net_of_tax: a payment that is nothing but tax is no sale', async t => {
    const buyer = await service.buyer()
    const session = paidSession(buyer, { ...withTax, amount_total: 931 })
    const invoice = paidInvoice(buyer, { amount: 361, tax: 361 })
    t.match(await service.receive(stripeEvent('checkout.session.completed', session), stripeEvent('invoice.paid', invoice)),
      [{ state: 'ignored', reason: 'zero_amount' }, { state: 'ignored', reason: 'zero_amount' }])
  })

  await t.test('SALE_AMOUNT=net_of_tax: a refund is told net of tax in the same proportion, a whole one as full', async t => {
    const [half, whole] = [paidSession(await service.buyer(), withTax), paidSession(await service.buyer(), withTax)]
    await service.receive(
      stripeEvent('checkout.session.completed', half), stripeEvent('refund.created', refundOf(half.payment_intent as string, 3166)),
      stripeEvent('checkout.session.completed', whole), stripeEvent('refund.created', refundOf(whole.payment_intent as string, 6331)))
    t.match(service.told(half.id)[1], { endpoint: 'refund', refund_amount_cents: 2700 })
    t.match(service.told(whole.id)[1], { endpoint: 'refund', refund_amount_cents: undefined })
    t.notOk('refund_amount_cents' in (service.told(whole.id)[1] ?? {}))
  })

  await t.test('COUNT_UPGRADES=false: a payment in mid-cycle is left out with its reason, the next renewal is not', async t => {
    const buyer = await service.buyer()
    const subscription = newId('sub_1')
    const upgrade = paidInvoice(buyer, { subscription, amount: 1700 }, { billing_reason: 'subscription_update' })
    const renewal = paidInvoice(buyer, { subscription, amount: 3800 })
    t.match(await service.receive(stripeEvent('invoice.paid', upgrade), stripeEvent('invoice.paid', renewal)),
      [{ state: 'ignored', reason: 'upgrade_not_counted' }, { state: 'interpreted' }])
    t.same(service.told(upgrade.id), [])
    t.match(service.told(renewal.id), [{ amount_cents: 3800 }])
  })

  for (const family of ['oldest', 'beforeAcacia'] as const) {
    await t.test(`COUNT_OUT_OF_BAND_PAYMENTS=false: an invoice paid outside of Stripe is left out (${family})`, async t => {
      const invoice = paidInvoice(await service.buyer())
      t.match(await service.receive(stripeEvent('invoice.paid', invoice, { family, outOfBand: true })), [{ state: 'ignored', reason: 'out_of_band_not_counted' }])
      t.same(service.told(invoice.id), [])
    })
  }

  await t.test('COUNT_OUT_OF_BAND_PAYMENTS=false: since Basil Stripe is asked what was paid outside, and the rest counts', async t => {
    const buyer = await service.buyer()
    const { control } = service.stripe
    const { subscription } = await control('POST', '/subscriptions', { price: 'price_sandbox_monthly', metadata: { affitor_customer_key: buyer.userId } })
    const unpaid = async () => (await control('POST', `/subscriptions/${subscription?.id}/renew`, { outcome: 'failed' })).invoice?.id ?? ''
    const [whole, part] = [await unpaid(), await unpaid()]
    const { events } = await control('POST', `/invoices/${whole}/pay`, { out_of_band: true })
    await control('POST', `/invoices/${part}/pay`, { out_of_band: true, amount: 1200 })
    await service.work()
    const paid = events.find(({ type }) => type === 'invoice.paid')?.id ?? ''
    t.match(await service.stored(paid), [{ state: 'ignored', reason: 'out_of_band_not_counted' }])
    t.same(service.told(whole), [])
    t.match(service.told(part), [{ amount_cents: 700 }])
  })

  await t.test('SALE_CURRENCIES: one that was added is sent as it is, one that was left out needs attention', async t => {
    const [yen, euro] = [await service.buyer(), await service.buyer()]
    const added = paidSession(yen, { currency: 'jpy', amount_total: 5000 })
    await service.receive(
      stripeEvent('checkout.session.completed', added), stripeEvent('checkout.session.completed', paidSession(euro, { currency: 'eur' })))
    t.match(service.told(added.id)[0], { currency: 'JPY', amount_cents: 5000 })
    t.match(await service.facts(euro), [{ state: 'needs_attention', reason: 'unsupported_currency' }])
  })
})

t.test('AFFITOR_SALE_SOURCE=connect: leads are sent; sales and refunds are recorded and left to Affitor', async t => {
  const service = await start(t, { AFFITOR_SALE_SOURCE: 'connect' })
  const buyer = await service.buyer()
  const session = paidSession(buyer)
  const invoice = paidInvoice(buyer)
  await service.receive(
    stripeEvent('checkout.session.completed', session), stripeEvent('invoice.paid', invoice),
    stripeEvent('refund.created', refundOf(session.payment_intent as string, 4900)))
  t.match(await service.facts(buyer), [
    { transactionId: session.id, state: 'skipped', reason: 'recorded_by_connect' },
    { transactionId: invoice.id, state: 'skipped', reason: 'recorded_by_connect' },
    { kind: 'refund', state: 'skipped', reason: 'sale_not_sent' }
  ])
  t.same(service.affitor.calls().map(({ endpoint, status }) => [endpoint, status]), [['click', 200], ['lead', 200]])
})
