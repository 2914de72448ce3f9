import t from 'tap'
import { NEEDED_EVENT_TYPES } from '../../src/stripe/interpret/index.js'
import { families, familiesOf, sendEvent } from '../fixtures/index.js'
import type { AnyEvent, Buyer, Family } from '../fixtures/index.js'
import { eventsInFamily } from '../fixtures/stored.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import type { Bookkeeper } from '../helpers/bookkeeper.js'

type Type = Parameters<typeof familiesOf>[0]

/** Everything that is read happens once or more; Stripe's own deliveries are held, and only converted events are sent. */
async function liveThrough (service: Bookkeeper, buyer: Buyer & { accessToken: string }) {
  const { control } = service.stripe
  const once = await service.checkOut(buyer.accessToken)
  await control('POST', `/checkout/sessions/${once}/pay`, {})
  await control('POST', '/refunds', { checkout_session: once, amount: 1000 })

  const debit = await service.checkOut(buyer.accessToken)
  await control('POST', `/checkout/sessions/${debit}/pay`, { method: 'bank_debit' })
  await control('POST', `/checkout/sessions/${debit}/clear`)

  const bounced = await service.checkOut(buyer.accessToken)
  await control('POST', `/checkout/sessions/${bounced}/pay`, { method: 'bank_debit' })
  await control('POST', `/checkout/sessions/${bounced}/fail-payment`)

  const subscribed = await service.checkOut(buyer.accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription, invoice } = await control('POST', `/checkout/sessions/${subscribed}/pay`, {})
  const renewal = (await control('POST', `/subscriptions/${subscription?.id}/renew`, {})).invoice?.id ?? ''
  const upgrade = (await control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_yearly' })).invoice
  const lost = (await control('POST', '/disputes', { invoice: renewal })).dispute
  await control('POST', `/disputes/${lost.id}/close`, { status: 'lost' })
  const won = (await control('POST', '/disputes', { checkout_session: debit })).dispute
  await control('POST', `/disputes/${won.id}/close`, { status: 'won' })
  const failed = (await control('POST', '/refunds', { invoice: upgrade?.id, status: 'pending' })).refund
  await control('POST', `/refunds/${failed.id}/settle`, { status: 'failed' })
  await service.stripe.client.creditNotes.create({ invoice: upgrade?.id ?? '', amount: 100, out_of_band_amount: 100 })
  return { once, debit, bounced, subscribed, twin: invoice?.id ?? '', renewal, upgrade: upgrade?.id ?? '', upgradeCents: upgrade?.amount_paid ?? 0, lost: lost.id, failed: failed.id }
}

async function sendAll (service: Bookkeeper, family: Family): Promise<AnyEvent[]> {
  const events = eventsInFamily(service.stripe.sandbox.stripe.state, family)
  for (const event of events) await sendEvent(service, event)
  await service.work()
  return events
}

t.test('what is told does not depend on the API version of the webhook endpoint', async t => {
  const service = await startBookkeeper(t)
  await service.stripe.control('POST', '/behaviour', { holdWebhooks: true })
  for (const family of families) {
    await t.test(`every event type, in the shape of ${family}`, async t => {
      await service.stripe.control('DELETE', '/state')
      const buyer = await service.buyer()
      const ids = await liveThrough(service, buyer)
      const events = await sendAll(service, family)
      t.same(new Set(events.map(({ type }) => type)), new Set([...NEEDED_EVENT_TYPES].filter(type => type !== 'credit_note.voided' && familiesOf(type as Type).includes(family))),
        'all but a voided note, which Stripe has of unpaid invoices only')

      const facts = await service.facts(buyer)
      const sales = Object.fromEntries(facts.filter(({ kind }) => kind === 'sale').map(fact => [fact.transactionId, fact]))
      t.strictSame(Object.keys(sales).sort(), [ids.once, ids.debit, ids.subscribed, ids.twin, ids.renewal, ids.upgrade].sort())
      const common = { state: 'delivered', reason: null, customerKey: buyer.userId }
      t.match(sales[ids.once], { ...common, payload: { amountCents: 4900, saleType: 'payment', clickId: buyer.affitorClickId, productId: 'prod_sandbox_lifetime_licence' } })
      t.match(sales[ids.debit], { ...common, payload: { amountCents: 4900, saleType: 'payment' } })
      const ofSubscription = { amountCents: 1900, saleType: 'subscription', isRecurring: false, productId: 'prod_sandbox_pro_plan' }
      t.match(sales[ids.subscribed], { ...common, payload: ofSubscription })
      t.match(sales[ids.twin], { state: 'skipped', reason: 'twin_of_session' })
      t.match(sales[ids.renewal], { ...common, payload: { ...ofSubscription, isRecurring: true } })
      t.match(sales[ids.upgrade], { ...common, payload: { ...ofSubscription, isRecurring: true, amountCents: ids.upgradeCents, subscriptionInterval: 'annual' } })

      // Those of different sales come in any order.
      const inOrder = [ids.once, ids.renewal, ids.upgrade]
      const reversals = facts.filter(({ kind }) => kind === 'refund').map(({ saleTransactionId, state, payload }) => ({ saleTransactionId, state, payload }))
        .sort((a, b) => inOrder.indexOf(a.saleTransactionId ?? '') - inOrder.indexOf(b.saleTransactionId ?? ''))
      t.strictSame(reversals, [
        { saleTransactionId: ids.once, state: 'delivered', payload: { v: 1, currency: 'USD', full: false, amountCents: 1000, refundReason: 'requested_by_customer' } },
        { saleTransactionId: ids.renewal, state: 'delivered', payload: { v: 1, currency: 'USD', full: true, amountCents: 1900, refundReason: 'dispute_lost' } },
        { saleTransactionId: ids.upgrade, state: 'delivered', payload: { v: 1, currency: 'USD', full: false, amountCents: 100 } }
      ])
      for (const { transactionId, state } of Object.values(sales)) {
        t.equal(service.told(transactionId).filter(({ endpoint }) => endpoint === 'sale').length, state === 'skipped' ? 0 : 1)
      }
      t.match(service.told(ids.once)[1], { endpoint: 'refund', status: 200, refund_amount_cents: 1000 })
      t.match(service.told(ids.renewal)[1], { endpoint: 'refund', status: 200, refund_amount_cents: undefined })

      const stored = await service.stored(...events.map(({ id }) => id))
      t.same(stored.map(({ apiVersion }) => apiVersion), events.map(event => event.api_version), 'the API version is kept')
      t.same(stored.filter(({ state, reason }) => state === 'interpreted' ? reason !== null : state !== 'ignored' || reason === null), [])
    })
  }
})
