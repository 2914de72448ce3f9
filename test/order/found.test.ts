import t from 'tap'
import type Stripe from 'stripe'
import { failLate } from '../hunt/beyond.js'
import { buy, buyElsewhere, disputeLost, metadataOf, refund } from './journeys.js'
import { startStage } from './stage.js'
import type { Stage } from './stage.js'

// Each of these is the smallest case of something that the orders or the random journeys found.
t.test('cases that once went wrong', async t => {
  const stage = await startStage(t)
  const netOfTax = await startStage(t, { SALE_AMOUNT: 'net_of_tax' })
  t.beforeEach(async () => {
    for (const each of [stage, netOfTax]) {
      await each.clear()
      await each.hold()
    }
  })

  await t.test('a subscription whose bank debit failed is counted when its invoice is paid by other means', async t => {
    const { session, invoice } = await buy(stage, await stage.signUp(), 'price_month_eur', { method: 'bank_debit' })
    await stage.act(`/checkout/sessions/${session.id}/fail-payment`)
    await stage.act(`/invoices/${invoice?.id}/pay`)
    await deliverAll(stage)
    t.match(await sales(stage), [{ transactionId: session.id, state: 'delivered' }, { transactionId: invoice?.id, reason: 'twin_of_session' }])
  })

  await t.test('a subscription is counted although only the subscription carries our metadata', async t => {
    const { session } = await buyElsewhere(stage, 'price_month_usd', { subscriptionMetadata: metadataOf(await stage.signUp()) })
    await deliverAll(stage)
    t.match((await sales(stage)).filter(({ state }) => state === 'delivered'), [{ transactionId: session.id }])
  })

  await t.test('a payment is told with the interval that was bought, also after the subscription was changed', async t => {
    const bought = await buy(stage, await stage.signUp(), 'price_month_usd')
    stage.pass(24)
    const { invoice } = await stage.act(`/subscriptions/${bought.subscription?.id}/upgrade`, { price: 'price_year_usd' })
    await deliverAll(stage)
    const intervals = Object.fromEntries((await sales(stage)).map(({ transactionId, payload }) => [transactionId, payload.subscriptionInterval]))
    t.strictSame(intervals, { [bought.session.id]: 'monthly', [bought.invoice?.id ?? '']: 'monthly', [invoice?.id ?? '']: 'annual' })
  })

  await t.test('a session and its invoice are one sale, also when Stripe named the session too late', async t => {
    const { session, invoice, payment_intent: intent } = await buy(stage, await stage.signUp(), 'price_month_usd')
    const atStripe = stage.service.stripe.sandbox.stripe.state.sessions.get(session.id) as Stripe.Checkout.Session
    atStripe.subscription = null
    await deliverAll(stage, ({ type }) => type === 'invoice.paid')
    atStripe.subscription = session.subscription
    await deliverAll(stage)
    await refund(stage, { payment_intent: intent?.id })
    await deliverAll(stage)
    t.match(await sales(stage), [{ transactionId: invoice?.id, state: 'delivered' }])
    t.match((await stage.ledger()).at(-1), { kind: 'refund', saleTransactionId: invoice?.id, state: 'delivered' })
  })

  await t.test('payments without metadata are not lost when their customers become known at the same moment', async t => {
    for (let buyers = 0; buyers < 8; buyers++) {
      const { customer } = await buy(stage, await stage.signUp({ clicked: false }))
      await buyElsewhere(stage, 'price_once_usd', { customer: customer?.id ?? '' })
    }
    await deliverAll(stage)
    t.equal((await sales(stage)).length, 16)
  })

  await t.test('a subscription of another program is not ours because its session names a customer', async t => {
    const { userId } = await stage.signUp()
    await buyElsewhere(stage, 'price_month_usd', { clientReferenceId: userId, metadata: { program_id: 'another' } })
    await deliverAll(stage)
    t.strictSame(await sales(stage), [])
  })

  for (const first of ['payment', 'session'] as const) {
    await t.test(`what another program sold to a Stripe customer of ours is not our sale, whatever says so (${first} first)`, async t => {
      const buyer = await stage.signUp()
      const customer = (await buy(stage, buyer)).customer?.id ?? ''
      await deliverAll(stage)
      const theirs = { affitor_customer_key: 'theirs', program_id: '77' }
      await buyElsewhere(stage, 'price_once_eur', { customer, paymentMetadata: theirs })
      for (const metadata of [{ subscriptionMetadata: theirs }, { metadata: theirs }]) {
        const { subscription } = await buyElsewhere(stage, 'price_month_usd', { customer, ...metadata })
        await stage.act(`/subscriptions/${subscription?.id}/renew`)
      }
      const { quotes } = stage.service.stripe.client
      const { id } = await quotes.create({ customer, line_items: [{ price: 'price_once_usd', quantity: 1 }], metadata: theirs })
      await quotes.finalizeQuote(id)
      await stage.act(`/invoices/${(await quotes.accept(id)).invoice}/pay`)
      if (first === 'payment') await deliverAll(stage, ({ type }) => !type.startsWith('checkout'))
      await deliverAll(stage)
      t.equal((await sales(stage)).length, 1)
    })
  }

  await t.test('a hold of a Stripe customer who became ours before it was captured is a sale', async t => {
    const { client } = stage.service.stripe
    const { id: customer } = await client.customers.create({ email: 'buyer@example.com' })
    const { id } = await client.checkout.sessions.create({
      mode: 'payment', customer, line_items: [{ price: 'price_once_eur', quantity: 1 }], success_url: 'https://shop.example', payment_intent_data: { capture_method: 'manual' }
    })
    const { payment_intent: intent } = await stage.act(`/checkout/sessions/${id}/pay`)
    await deliverAll(stage)
    stage.pass(1)
    await buyElsewhere(stage, 'price_once_eur', { customer, metadata: metadataOf(await stage.signUp()) })
    await deliverAll(stage)
    stage.pass(1)
    await client.paymentIntents.capture(intent?.id ?? '')
    await deliverAll(stage)
    t.match((await sales(stage)).find(({ transactionId }) => transactionId === id), { state: 'delivered' })
  })

  await t.test('the payment of a link is told without a click: which one is known depends on what arrived first', async t => {
    const buyer = await stage.signUp()
    const { customer } = await buy(stage, buyer)
    const { session } = await buyElsewhere(stage, 'price_once_eur', { customer: customer?.id ?? '' })
    await deliverAll(stage)
    const sale = (await sales(stage)).find(({ transactionId }) => transactionId === session.id)
    t.match(sale, { customerKey: buyer.userId, state: 'delivered', payload: { clickId: undefined } })
  })

  await t.test('a refund goes before the dispute that followed it, also when its event comes later', async t => {
    const { session } = await buy(stage, await stage.signUp())
    await refund(stage, { checkout_session: session.id, amount: 2000 })
    await disputeLost(stage, { checkout_session: session.id })
    await deliverAll(stage, ({ type }) => !/refund/.test(type))
    await deliverAll(stage)
    t.match((await stage.ledger()).slice(-2), [
      { kind: 'refund', payload: { amountCents: 2000, refundReason: 'requested_by_customer' } },
      { kind: 'refund', payload: { amountCents: 2900, refundReason: 'dispute_lost' } }
    ])
  })

  await t.test('a dispute that a full refund left nothing to take back is told when that refund comes back', async t => {
    const { session } = await buy(stage, await stage.signUp())
    const { refund: made } = await refund(stage, { checkout_session: session.id })
    await deliverAll(stage)
    await disputeLost(stage, { checkout_session: session.id })
    await deliverAll(stage)
    failLate(stage.service.stripe.sandbox.stripe.state, stage.service.stripe.sandbox.stripe.state.refunds.get(made.id) as Stripe.Refund, stage.time())
    await deliverAll(stage)
    t.match((await stage.ledger()).slice(-2), [
      { transactionId: made.id, reason: 'refund_failed_after_sent' },
      { payload: { amountCents: 4900, refundReason: 'dispute_lost' }, reason: 'later_refund_not_applied' }
    ])
  })

  await t.test('refunds within one second go in the order in which they were made', async t => {
    const { session } = await buy(stage, await stage.signUp())
    for (const amount of [100, 200, 300, 400]) {
      stage.pass(-1)
      await refund(stage, { checkout_session: session.id, amount })
    }
    await deliverAll(stage)
    t.strictSame((await stage.ledger()).filter(({ kind }) => kind === 'refund').map(({ payload }) => payload.amountCents), [100, 200, 300, 400])
  })

  await t.test('net of tax, refunds of all that was paid come to all that was told', async t => {
    const { session } = await buy(netOfTax, await netOfTax.signUp(), 'price_once_usd', { tax_percent: 19 })
    for (const amount of [4, 4, 4, undefined]) await refund(netOfTax, { checkout_session: session.id, ...(amount && { amount }) })
    await deliverAll(netOfTax)
    const told = (await netOfTax.ledger()).filter(({ kind }) => kind !== 'lead').map(({ payload }) => payload.amountCents)
    t.strictSame(told, [4900, 3, 4, 3, 4890])
  })

  await t.test('so do several disputes, and refunds that go through after them', async t => {
    const { session } = await buy(netOfTax, await netOfTax.signUp(), 'price_once_usd', { tax_percent: 19 })
    const { refund: pending } = await refund(netOfTax, { checkout_session: session.id, amount: 59, status: 'pending' })
    for (let disputes = 0; disputes < 2; disputes++) await disputeLost(netOfTax, { checkout_session: session.id, amount: 59 })
    await deliverAll(netOfTax)
    await netOfTax.act(`/refunds/${pending.id}/settle`, { status: 'succeeded' })
    await deliverAll(netOfTax)
    const told = (await netOfTax.ledger()).filter(({ kind }) => kind !== 'lead').map(({ payload }) => payload.amountCents)
    t.strictSame(told, [4900, 50, 49, 50])
  })
})

async function deliverAll (stage: Stage, which: (event: Stripe.Event) => boolean = () => true): Promise<void> {
  for (const event of stage.events().filter(which)) await stage.deliver(event)
  await stage.service.work()
  await stage.settle()
}

async function sales (stage: Stage) {
  return (await stage.ledger()).filter(({ kind }) => kind === 'sale')
}
