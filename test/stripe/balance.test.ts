import t from 'tap'
import type Stripe from 'stripe'
import { metadataOf, stripeEvent } from '../fixtures/index.js'
import type { Buyer } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'

t.test('what was paid counts, not what was billed', async t => {
  const service = await startBookkeeper(t)
  const { client, control, sandbox: { stripe: { state } } } = service.stripe
  await control('POST', '/behaviour', { holdWebhooks: true })
  const monthly: Stripe.Checkout.SessionCreateParams = {
    mode: 'subscription', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }], success_url: 'https://shop.example'
  }

  /** A subscription of 19.00 by a customer who has a balance; negative: credit. */
  async function subscribe (buyer: Buyer | null, balance: number, customer?: string) {
    const known = customer ?? (await client.customers.create({ email: 'buyer@example.com' })).id
    await client.customers.createBalanceTransaction(known, { amount: balance, currency: 'usd' })
    const metadata = buyer === null ? {} : metadataOf(buyer)
    const { id } = await client.checkout.sessions.create({ ...monthly, customer: known, metadata, subscription_data: { metadata } })
    const { session, invoice, subscription } = await control('POST', `/checkout/sessions/${id}/pay`, {})
    return { customer: known, session, invoice: invoice as Stripe.Invoice, subscription: subscription as Stripe.Subscription }
  }
  const sessionEvent = (session: Stripe.Checkout.Session) => stripeEvent('checkout.session.completed', session)
  const invoiceEvent = (invoice: Stripe.Invoice) => stripeEvent('invoice.paid', invoice)

  for (const first of ['session', 'invoice'] as const) {
    const inOrder = (session: Stripe.Checkout.Session, invoice: Stripe.Invoice) => {
      const events = [sessionEvent(session), invoiceEvent(invoice)]
      return first === 'session' ? events : events.reverse()
    }

    await t.test(`a credit balance that covers a part is no part of the sale, and its whole refund is full (${first} first)`, async t => {
      const { session, invoice } = await subscribe(await service.buyer(), -1000)
      t.match([session.amount_total, invoice.amount_paid], [1900, 900])
      await service.receive(...inOrder(session, invoice))
      t.match(service.told(session.id), [{ endpoint: 'sale', amount_cents: 900 }])
      const { refund } = await control('POST', '/refunds', { invoice: invoice.id })
      await service.receive(stripeEvent('refund.created', refund))
      t.match(service.told(session.id)[1], { endpoint: 'refund', refund_amount_cents: undefined, status: 200 })
      t.match(service.told(invoice.id), [])
    })

    await t.test(`a credit balance that covers all leaves no sale (${first} first)`, async t => {
      const buyer = await service.buyer()
      const { session, invoice } = await subscribe(buyer, -5000)
      t.match([session.amount_total, session.payment_status, invoice.amount_paid], [1900, 'paid', 0])
      t.match(await service.receive(...inOrder(session, invoice)), [{ reason: 'zero_amount' }, { reason: 'zero_amount' }])
      t.same(await service.facts(buyer), [])
    })

    await t.test(`what is owed from before and paid with it is part of the sale (${first} first)`, async t => {
      const { session, invoice } = await subscribe(await service.buyer(), 500)
      await service.receive(...inOrder(session, invoice))
      t.match(service.told(session.id), [{ amount_cents: 2400 }])
    })

    await t.test(`a session that names nobody, whose invoice does, is one sale (${first} first)`, async t => {
      const buyer = await service.buyer()
      const { customer } = await subscribe(null, 0)
      const keyless = await client.checkout.sessions.create({ ...monthly, customer })
      const known = await client.checkout.sessions.create({ ...monthly, customer, metadata: metadataOf(buyer) })
      const [learned, paid] = [await control('POST', `/checkout/sessions/${known.id}/pay`, {}), await control('POST', `/checkout/sessions/${keyless.id}/pay`, {})]
      await service.receive(sessionEvent(learned.session), ...inOrder(paid.session, paid.invoice as Stripe.Invoice))
      t.match(service.told(keyless.id), [{ customer_key: buyer.userId, amount_cents: 1900 }])
      t.same(service.told(paid.invoice?.id ?? ''), [])
    })

    await t.test(`a session that names nobody, made before its customer was known, is counted by its invoice (${first} first)`, async t => {
      const buyer = await service.buyer()
      const { session, invoice, subscription } = await subscribe(null, 0)
      Object.assign(state.subscriptions.get(subscription.id) as object, { metadata: metadataOf(buyer) })
      await service.receive(...inOrder(session, invoice))
      t.match(service.told(session.id), [{ customer_key: buyer.userId, amount_cents: 1900 }])
      t.same(service.told(invoice.id), [])
    })
  }
})
