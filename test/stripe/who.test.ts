import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { metadataOf, paidInvoice, paidSession, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'

t.test('whose a payment is', async t => {
  const service = await startBookkeeper(t, { variables: { STRIPE_CONNECTED_ACCOUNTS: 'acct_ours1, acct_ours2' } })
  const customerAtCheckout = async (accessToken: string) => {
    const id = await service.checkOut(accessToken)
    return service.stripe.sandbox.stripe.state.sessions.get(id)?.customer ?? null
  }
  /** A Stripe customer that exists at Stripe, so that a checkout could use it. */
  const makeCustomer = async () => (await service.stripe.client.customers.create({ email: 'somebody@example.com' })).id

  await t.test('a client_reference_id that is nobody\'s key is not believed, and owns no Stripe customer', async t => {
    const buyer = await service.buyer()
    const customer = newId('cus_', 14)
    const link = paidSession(null, { client_reference_id: 'cart_12345', customer, created: 1_790_000_000 })
    const [cart] = await service.receive(stripeEvent('checkout.session.completed', link))
    t.match(cart, { state: 'ignored', reason: 'no_customer' })
    const ours = paidSession(buyer, { customer })
    await service.receive(stripeEvent('checkout.session.completed', ours))
    const later = paidInvoice(null, {}, { customer, created: ours.created + 60 })
    await service.receive(stripeEvent('invoice.paid', later))
    t.match(service.told(later.id), [{ customer_key: buyer.userId }])
  })

  await t.test('a stranger who pays with somebody\'s client_reference_id does not become them at the next checkout', async t => {
    const victim = await service.buyer()
    const stranger = await makeCustomer()
    const link = paidSession(null, { client_reference_id: victim.userId, customer: stranger, payment_link: newId('plink_1') })
    await service.receive(stripeEvent('checkout.session.completed', link))
    t.match(service.told(link.id), [{ customer_key: victim.userId }], 'the payment itself is theirs: nobody else claims it')
    t.equal(await customerAtCheckout(victim.accessToken), null)

    const next = paidSession(null, { customer: stranger })
    t.match(await service.receive(stripeEvent('checkout.session.completed', next)), [{ state: 'ignored', reason: 'no_customer' }], 'nor is what the stranger pays next')
  })

  await t.test('what the ledger knows of a Stripe customer goes before a client_reference_id', async t => {
    const [owner, other] = [await service.buyer(), await service.buyer()]
    const customer = newId('cus_', 14)
    const ours = paidSession(owner, { customer })
    await service.receive(stripeEvent('checkout.session.completed', ours))
    const link = paidSession(null, { client_reference_id: other.userId, customer, created: ours.created + 60 })
    await service.receive(stripeEvent('checkout.session.completed', link))
    t.match(service.told(link.id), [{ customer_key: owner.userId }])
  })

  await t.test('a subscription by client_reference_id is renewed as the same customer\'s, its Stripe customer stays nobody\'s', async t => {
    const buyer = await service.buyer()
    const [customer, subscription] = [newId('cus_', 14), newId('sub_1')]
    const link = paidSession(null, { client_reference_id: buyer.userId, customer, mode: 'subscription', subscription })
    const renewal = paidInvoice(null, { subscription }, { customer, created: link.created + 60 })
    const another = paidInvoice(null, {}, { customer, created: link.created + 120 })
    const stored = await service.receive(
      stripeEvent('checkout.session.completed', link), stripeEvent('invoice.paid', renewal), stripeEvent('invoice.paid', another))
    t.match(stored, [{ state: 'interpreted' }, { state: 'interpreted', customerKey: buyer.userId }, { state: 'ignored', reason: 'no_customer' }])
  })

  await t.test('a checkout reuses a Stripe customer that a session of ours made, and none that an invoice named', async t => {
    const [first, second] = [await service.buyer(), await service.buyer()]
    const [fromSession, fromInvoice] = [await makeCustomer(), await makeCustomer()]
    await service.receive(
      stripeEvent('checkout.session.completed', paidSession(first, { customer: fromSession })),
      stripeEvent('invoice.paid', paidInvoice(second, {}, { customer: fromInvoice })))
    t.equal(await customerAtCheckout(first.accessToken), fromSession)
    t.equal(await customerAtCheckout(second.accessToken), null)
    await service.receive(stripeEvent('checkout.session.completed', paidSession(second, { customer: fromInvoice })))
    t.equal(await customerAtCheckout(second.accessToken), fromInvoice, 'until a session of ours names it too')
  })

  await t.test('a session that was opened before its Stripe customer was known, and paid after, is a sale; its invoice is the twin', async t => {
    for (const order of [['session', 'invoice'], ['invoice', 'session']] as const) {
      const buyer = await service.buyer()
      const [customer, subscription] = [newId('cus_', 14), newId('sub_1')]
      const ours = paidSession(buyer, { customer })
      const [opened, paid] = [ours.created - 3600, ours.created + 60]
      const invoice = paidInvoice(null, { subscription, amount: 4900 }, { customer, billing_reason: 'subscription_create', created: paid })
      const keyless = paidSession(null, { customer, mode: 'subscription', subscription, invoice: invoice.id, created: opened })
      const events = {
        session: stripeEvent('checkout.session.completed', keyless, { created: paid }),
        invoice: stripeEvent('invoice.paid', invoice, { created: paid })
      }
      await service.receive(stripeEvent('checkout.session.completed', ours), ...order.map(name => events[name]))
      const sales = (await service.facts(buyer)).filter(({ state, transactionId }) => state === 'delivered' && transactionId !== ours.id)
      t.match(sales.map(({ payload }) => payload), [{ amountCents: 4900 }], order.join(' first, then '))
    }
  })

  await t.test('an event of a connected account is not our sale, unless that account is configured', async t => {
    const buyer = await service.buyer()
    const [theirs, ours] = [paidSession(buyer), paidSession(buyer)]
    const of = (session: typeof ours, account: string) => ({ ...stripeEvent('checkout.session.completed', session), account })
    t.match(await service.receive(of(theirs, 'acct_theirs')), [{ state: 'ignored', reason: 'connected_account' }])
    t.match(await service.receive(of(ours, 'acct_ours2')), [{ state: 'interpreted' }])
    t.same([service.told(theirs.id).length, service.told(ours.id).length], [0, 1])
  })

  await t.test('our metadata on a session of a connected account makes no Stripe customer for our own checkout', async t => {
    const buyer = await service.buyer()
    const customer = await makeCustomer()
    await service.receive({ ...stripeEvent('checkout.session.completed', paidSession(buyer, { customer })), account: 'acct_ours1' })
    t.equal(await customerAtCheckout(buyer.accessToken), null)
  })

  await t.test('metadata on the session goes before everything else', async t => {
    const [named, referenced] = [await service.buyer(), await service.buyer()]
    const session = paidSession(null, { client_reference_id: referenced.userId, metadata: metadataOf(named) })
    await service.receive(stripeEvent('checkout.session.completed', session))
    t.match(service.told(session.id), [{ customer_key: named.userId }])
  })
})
