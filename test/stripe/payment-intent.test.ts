import t from 'tap'
import type Stripe from 'stripe'
import { metadataOf, stripeEvent } from '../fixtures/index.js'
import type { AnyEvent, Buyer } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'

t.test('payments that the app makes itself, and those that are captured later', async t => {
  const service = await startBookkeeper(t)
  const { client, control, sandbox: { stripe: { state } } } = service.stripe
  await control('POST', '/behaviour', { holdWebhooks: true })
  const succeeded = (id: string) => stripeEvent('payment_intent.succeeded', state.paymentIntents.get(id) as Stripe.PaymentIntent)
  const pay = async (params: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
    await client.paymentIntents.create({ amount: 2900, currency: 'eur', confirm: true, payment_method: 'pm_card_visa', ...params })

  await t.test('a payment of the app\'s own form that carries our metadata is a sale, and its refund finds it', async t => {
    const buyer = await service.buyer()
    const { id } = await pay({ metadata: metadataOf(buyer) })
    await service.receive(succeeded(id), succeeded(id))
    t.match(service.told(id), [{ amount_cents: 2900, currency: 'EUR', customer_key: buyer.userId, click_id: buyer.affitorClickId, sale_type: 'payment', status: 200 }])
    const refund = await client.refunds.create({ payment_intent: id, amount: 900 })
    await service.receive(stripeEvent('refund.created', refund))
    t.match(service.told(id)[1], { endpoint: 'refund', refund_amount_cents: 900, status: 200 })
  })

  await t.test('a payment without our metadata, or of another program, is ignored', async t => {
    const [bare, other] = [await pay(), await pay({ metadata: { affitor_customer_key: 'user_of_theirs', program_id: '77' } })]
    t.match(await service.receive(succeeded(bare.id), succeeded(other.id)), [{ state: 'ignored', reason: 'no_metadata' }, { state: 'ignored', reason: 'other_program' }])
  })

  /** A paid session of 49.00, by our own checkout unless told otherwise. */
  async function checkOut (buyer: Buyer & { accessToken: string }, params?: Partial<Stripe.Checkout.SessionCreateParams>): Promise<Stripe.Checkout.Session> {
    const id = params === undefined
      ? await service.checkOut(buyer.accessToken)
      : (await client.checkout.sessions.create({ mode: 'payment', line_items: [{ price: 'price_sandbox_onetime', quantity: 1 }], success_url: 'https://shop.example', ...params })).id
    return (await control('POST', `/checkout/sessions/${id}/pay`, {})).session
  }

  for (const first of ['session', 'payment intent'] as const) {
    const inOrder = (session: Stripe.Checkout.Session): AnyEvent[] => {
      const events = [stripeEvent('checkout.session.completed', session), succeeded(session.payment_intent as string)]
      return first === 'session' ? events : events.reverse()
    }

    await t.test(`the payment intent of a session is its twin (${first} first)`, async t => {
      const buyer = await service.buyer()
      const session = await checkOut(buyer)
      await service.receive(...inOrder(session))
      t.match((await service.facts(buyer)).map(({ transactionId }) => transactionId), [session.id])
      t.match(service.told(session.id), [{ amount_cents: 4900, customer_key: buyer.userId, status: 200 }])
      t.same(service.told(session.payment_intent as string), [])
    })

    await t.test(`a session whose metadata is on its payment intent alone is a sale (${first} first)`, async t => {
      const buyer = await service.buyer()
      const session = await checkOut(buyer, { payment_intent_data: { metadata: metadataOf(buyer) } })
      await service.receive(...inOrder(session))
      t.match(service.told(session.id), [{ amount_cents: 4900, customer_key: buyer.userId, status: 200 }])
    })

    for (const [where, of] of [
      ['on both', (buyer: Buyer) => ({ metadata: metadataOf(buyer), payment_intent_data: { capture_method: 'manual', metadata: metadataOf(buyer) } })],
      ['on the session alone', (buyer: Buyer) => ({ metadata: metadataOf(buyer), payment_intent_data: { capture_method: 'manual' } })]
    ] as const) {
      await t.test(`a payment that is captured in part later is a sale of what was captured, our metadata ${where} (${first} first)`, async t => {
        const buyer = await service.buyer()
        const session = await checkOut(buyer, of(buyer))
        t.equal(session.payment_status, 'unpaid')
        const authorised = stripeEvent('checkout.session.completed', structuredClone(session))
        await client.paymentIntents.capture(session.payment_intent as string, { amount_to_capture: 3000 })
        const captured = succeeded(session.payment_intent as string)
        await service.receive(...first === 'session' ? [authorised, captured] : [captured, authorised])
        t.match(service.told(session.id), [{ amount_cents: 3000, customer_key: buyer.userId, status: 200 }])
        t.equal((await service.facts(buyer)).length, 1)
      })
    }
  }

  await t.test('the rest of a hold that is not captured is no refund; what is given back of the captured part is', async t => {
    const buyer = await service.buyer()
    const session = await checkOut(buyer, { metadata: metadataOf(buyer), payment_intent_data: { capture_method: 'manual' } })
    const intent = session.payment_intent as string
    await client.paymentIntents.capture(intent, { amount_to_capture: 3000 })
    const released = [...state.refunds.values()].find(({ payment_intent: of }) => of === intent) as Stripe.Refund
    t.match(released, { amount: 1900, status: 'succeeded', balance_transaction: null })
    const [event] = await service.receive(stripeEvent('refund.created', released), stripeEvent('checkout.session.completed', session))
    t.match(event, { state: 'ignored', reason: 'hold_released' })
    const refund = await client.refunds.create({ payment_intent: intent, amount: 1000 })
    await service.receive(stripeEvent('refund.created', refund))
    t.match(service.told(session.id), [{ endpoint: 'sale', amount_cents: 3000 }, { endpoint: 'refund', refund_amount_cents: 1000, status: 200 }])
    t.equal(service.told(session.id).length, 2)
  })

  await t.test('a payment that was only authorised is no sale', async t => {
    const buyer = await service.buyer()
    const session = await checkOut(buyer, { metadata: metadataOf(buyer), payment_intent_data: { capture_method: 'manual' } })
    t.match(await service.receive(stripeEvent('checkout.session.completed', session)), [{ state: 'ignored', reason: 'unpaid' }])
    t.same(await service.facts(buyer), [])
  })

  /** The payment intent that paid an invoice. */
  const intentOf = (invoice: Stripe.Invoice | null) =>
    [...state.invoicePayments.values()].find(payment => payment.invoice === invoice?.id)?.payment.payment_intent as string

  await t.test('the payment intent of a renewal is its invoice\'s, and nothing by itself', async t => {
    const buyer = await service.buyer()
    const { invoice } = await control('POST', '/subscriptions', { price: 'price_sandbox_monthly', metadata: metadataOf(buyer) })
    await service.receive(succeeded(intentOf(invoice)), stripeEvent('invoice.paid', invoice as Stripe.Invoice))
    t.match((await service.facts(buyer)).map(({ transactionId }) => transactionId), [invoice?.id])
  })

  await t.test('our metadata on the payment intent of an invoice counts that invoice, once', async t => {
    const buyer = await service.buyer()
    const { invoice } = await control('POST', '/subscriptions', { price: 'price_sandbox_monthly' })
    Object.assign(state.paymentIntents.get(intentOf(invoice)) as object, { metadata: metadataOf(buyer) })
    await service.receive(stripeEvent('invoice.paid', invoice as Stripe.Invoice), succeeded(intentOf(invoice)), stripeEvent('invoice.payment_succeeded', invoice as Stripe.Invoice))
    t.match(service.told(invoice?.id ?? ''), [{ amount_cents: 1900, customer_key: buyer.userId, sale_type: 'subscription' }])
    t.same(service.told(intentOf(invoice)), [])
  })
})
