import t from 'tap'
import { newId } from '../../sandbox/stripe/ids.js'
import { paidInvoice, stripeEvent } from '../fixtures/index.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { query } from '../helpers/sql.js'
import { startStripe } from '../helpers/stripe.js'

// What neither event nor ledger tells is asked of Stripe. Events are held, so that a test chooses which one arrives.
t.test('what Stripe is asked', async t => {
  const prices = [
    { id: 'price_quarterly', unitAmount: 5700, currency: 'usd', productName: 'Pro plan', interval: 'month', intervalCount: 3 },
    { id: 'price_weekly', unitAmount: 500, currency: 'usd', productName: 'Pro plan', interval: 'week' }
  ] as const
  const service = await startBookkeeper(t, { stripe: await startStripe(t, { prices }) })
  const { control, client, sandbox } = service.stripe
  const { state } = sandbox.stripe
  await control('POST', '/behaviour', { holdWebhooks: true })

  const metadata = (userId: string) => ({ affitor_customer_key: userId, program_id: service.affitor.programId })
  const subscribe = async (fields: object = {}) => {
    const made = await control('POST', '/subscriptions', { price: 'price_sandbox_monthly', ...fields })
    return { subscription: made.subscription?.id ?? '', invoice: made.invoice?.id ?? '' }
  }
  const renew = async (subscription: string) => (await control('POST', `/subscriptions/${subscription}/renew`, {})).invoice?.id ?? ''
  const stored = (id: string) => {
    const invoice = state.invoices.get(id)
    if (invoice === undefined) throw new Error(`no invoice ${id}`)
    return invoice
  }
  /** A session of another shop page, which plants no metadata on the subscription. */
  const checkout = async (fields: object) => {
    const session = await client.checkout.sessions.create({
      mode: 'subscription', line_items: [{ price: 'price_sandbox_monthly', quantity: 1 }], success_url: 'https://shop.example', ...fields
    })
    const paid = await control('POST', `/checkout/sessions/${session.id}/pay`, {})
    return { session: paid.session.id, subscription: paid.subscription?.id ?? '', invoice: paid.invoice?.id ?? '' }
  }

  for (const [id, told] of [['price_sandbox_monthly', 'monthly'], ['price_quarterly', 'quarterly'], ['price_sandbox_yearly', 'annual'], ['price_weekly', undefined]] as const) {
    await t.test(`since Basil the interval is that of the price that was billed: ${told ?? 'none for weeks'}`, async t => {
      const { userId } = await service.buyer()
      const { invoice } = await subscribe({ price: id, metadata: metadata(userId) })
      await service.receive(stripeEvent('invoice.paid', stored(invoice)))
      t.equal(service.told(invoice)[0]?.subscription_interval, told)
    })
  }

  await t.test('an invoice without our metadata: the subscription says now whose it is', async t => {
    const { userId } = await service.buyer()
    const { subscription, invoice } = await subscribe()
    const unmarked = stored(invoice)
    const live = state.subscriptions.get(subscription)
    Object.assign(live ?? {}, { metadata: metadata(userId) })
    t.match(await service.receive(stripeEvent('invoice.paid', unmarked)), [{ state: 'interpreted', customerKey: userId }])
  })

  await t.test('an invoice without our metadata: the session that made the subscription says whose it is', async t => {
    const buyer = await service.buyer()
    const { session, subscription, invoice } = await checkout({ client_reference_id: buyer.userId })
    const renewal = await renew(subscription)
    t.match(await service.receive(stripeEvent('invoice.paid', stored(renewal))), [{ state: 'interpreted', customerKey: buyer.userId }])
    t.match(service.told(renewal), [{ customer_key: buyer.userId, is_recurring: true }])

    t.match(await service.receive(stripeEvent('invoice.paid', stored(invoice))), [{ state: 'interpreted' }])
    t.match((await service.facts(buyer)).at(-1), { transactionId: invoice, state: 'skipped', reason: 'twin_of_session' }, 'and that its first invoice is the session\'s twin')
    t.same(service.told(invoice), [])
    await service.receive(stripeEvent('checkout.session.completed', state.sessions.get(session) as NonNullable<ReturnType<typeof state.sessions.get>>))
    t.match(service.told(session), [{ customer_key: buyer.userId, is_recurring: false }])
  })

  await t.test('an invoice whose session names another program is ignored', async t => {
    const { invoice } = await checkout({ metadata: { affitor_customer_key: 'user_of_theirs', program_id: '77' } })
    t.match(await service.receive(stripeEvent('invoice.paid', stored(invoice))), [{ state: 'ignored', reason: 'other_program' }])
  })

  await t.test('a renewal that arrives first is recurring all the same: Stripe has an earlier paid invoice', async t => {
    const { userId } = await service.buyer()
    const { subscription } = await subscribe({ metadata: metadata(userId) })
    const renewal = { ...stored(await renew(subscription)) }
    renewal.created += 60
    await service.receive(stripeEvent('invoice.paid', renewal))
    t.match(service.told(renewal.id), [{ is_recurring: true }])
  })

  await t.test('the first payment after a trial that arrives first is not recurring: Stripe\'s earlier invoice was of 0', async t => {
    const { userId } = await service.buyer()
    const { subscription } = await subscribe({ metadata: metadata(userId), trial_period_days: 14 })
    const first = stored(await renew(subscription))
    await service.receive(stripeEvent('invoice.paid', first))
    t.match(service.told(first.id), [{ is_recurring: false }])
  })

  await t.test('a refund names only its payment: Stripe says which invoice that paid', async t => {
    const { userId } = await service.buyer()
    const { invoice } = await subscribe({ metadata: metadata(userId) })
    const { refund } = await control('POST', '/refunds', { invoice, amount: 700 })
    const [early] = await service.receive(stripeEvent('refund.created', refund))
    t.match(early, { state: 'parked', reason: 'waiting_for_sale' })
    await service.receive(stripeEvent('invoice.paid', stored(invoice)))
    t.match(await service.stored(early?.id ?? ''), [{ state: 'interpreted', reason: null }], 'without invoice_payment.paid')
    t.match(service.told(invoice), [{ endpoint: 'sale' }, { endpoint: 'refund', refund_amount_cents: 700, status: 200 }])
  })

  await t.test('an event waits while Stripe cannot be asked, and the others go on', async t => {
    const buyer = await service.buyer()
    const { invoice } = await subscribe({ metadata: metadata(buyer.userId) })
    const other = paidInvoice(buyer, { subscription: newId('sub_1') })
    await control('POST', '/behaviour', { holdWebhooks: true, failStatus: 503, times: 2 })
    const [waiting] = await service.receive(stripeEvent('invoice.paid', stored(invoice)))
    t.match(waiting, { state: 'received', reason: null, attempts: 1, nextAttemptAt: String })
    await control('POST', '/behaviour', { holdWebhooks: true })
    t.match(await service.receive(stripeEvent('invoice.paid', other)), [{ state: 'interpreted' }])
    t.same(service.told(invoice), [])

    await query(service.connectionString, "update stripe_events set next_attempt_at = now() where state = 'received'")
    await service.work()
    t.match(await service.stored(waiting?.id ?? ''), [{ state: 'interpreted', attempts: 2 }])
    t.match(service.told(invoice), [{ amount_cents: 1900 }])
  })
})
