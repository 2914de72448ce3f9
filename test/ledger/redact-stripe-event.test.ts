import type Stripe from 'stripe'
import t from 'tap'
import { ledgerLookups } from '../../src/ledger/lookups.js'
import { redactStripeEvent } from '../../src/ledger/redact-stripe-event.js'
import { interpret } from '../../src/stripe/interpret/index.js'
import type { Interpretation, InterpretSettings } from '../../src/stripe/interpret/interpretation.js'
import { stripeLookups } from '../../src/stripe/lookups.js'
import { families } from '../fixtures/index.js'
import { eventsInFamily } from '../fixtures/stored.js'
import { startBookkeeper } from '../helpers/bookkeeper.js'
import { openLedger } from '../helpers/ledger.js'

const settings: InterpretSettings = {
  programId: '42', livemode: false, saleSource: 'webhook', saleAmount: 'net_of_tax', countUpgrades: true, countOutOfBandPayments: true, sendProductId: true, connectedAccounts: new Set(), currencies: new Set(['USD', 'EUR'])
}

const withoutClick = (interpretation: Interpretation) =>
  JSON.parse(JSON.stringify(interpretation, (key, value: unknown) => key === 'clickId' ? undefined : value)) as unknown

t.test('an event that is read again after it was redacted gives the same facts but for the click, in the shape of any API version', async t => {
  const service = await startBookkeeper(t)
  const ledger = await openLedger(t, service.connectionString)
  const buyer = await service.buyer()
  const { control } = service.stripe
  const once = await service.checkOut(buyer.accessToken)
  await control('POST', `/checkout/sessions/${once}/pay`, {})
  await control('POST', '/refunds', { checkout_session: once, amount: 1000 })
  const debit = await service.checkOut(buyer.accessToken)
  await control('POST', `/checkout/sessions/${debit}/pay`, { method: 'bank_debit' })
  await control('POST', `/checkout/sessions/${debit}/clear`)
  const subscribed = await service.checkOut(buyer.accessToken, { priceId: 'price_sandbox_monthly', mode: 'subscription' })
  const { subscription } = await control('POST', `/checkout/sessions/${subscribed}/pay`, {})
  const renewal = (await control('POST', `/subscriptions/${subscription?.id}/renew`, {})).invoice?.id ?? ''
  const upgrade = (await control('POST', `/subscriptions/${subscription?.id}/upgrade`, { price: 'price_sandbox_yearly' })).invoice
  const { dispute } = await control('POST', '/disputes', { invoice: renewal })
  await control('POST', `/disputes/${dispute.id}/close`, { status: 'lost' })
  await service.stripe.client.creditNotes.create({ invoice: upgrade?.id ?? '', amount: 100, out_of_band_amount: 100 })
  await service.work()

  // Refunds are read as though none was known: else they would all be counted already.
  const context = { ledger: { ...ledgerLookups(ledger.db), refundsOf: async () => [] }, stripe: stripeLookups(service.stripe.client), settings }
  for (const family of families) {
    const events = eventsInFamily(service.stripe.sandbox.stripe.state, family)
    let facts = 0
    for (const event of events) {
      const payload = JSON.stringify(event)
      const redacted = redactStripeEvent(payload, buyer.userId)
      const before = await interpret(event as unknown as Stripe.Event, context)
      facts += before.facts.length
      t.strictSame(withoutClick(await interpret(JSON.parse(redacted) as Stripe.Event, context)), withoutClick(before), `${family}: ${event.type}`)
      t.notMatch(redacted, /@example\.com|4242|_secret_|affitor_click_id|https?:/, `${family}: ${event.type}`)
      t.equal(redactStripeEvent(redacted, buyer.userId), redacted, 'what is redacted stays')
    }
    t.ok(facts >= 6, `${family}: ${facts} facts`)
  }
})

t.test('only what is named is kept, whatever else an event may have', t => {
  const personal = {
    id: 'ch_1',
    object: 'charge',
    amount: 4900,
    created: 1_790_000_000,
    currency: 'usd',
    livemode: true,
    customer: 'ada@example.com',
    client_secret: 'pi_1_secret_x',
    payment_intent: 'pi_1_secret_x',
    client_reference_id: 'somebody else',
    reason: 'Ada told us so',
    status: 'succeeded',
    description: 'For Ada',
    receipt_url: 'https://pay.example/r/1',
    ip: '203.0.113.7',
    tax_id: 123456789,
    phone: 3012345678,
    billing_details: { name: 'Ada Lovelace', address: { city: 'London', line1: '1 Mayfair', postal_code: 90210 }, email: null },
    payment_method_details: { type: 'card', card: { last4: '4242', fingerprint: 'Xt5E', exp_month: 12, exp_year: 2034, brand: 'visa' } },
    metadata: { affitor_customer_key: 'ada', program_id: '42', affitor_click_id: 'cust_42_1', note: 'Ada' },
    lines: { data: [{ metadata: { note: 'Ada' } }, { metadata: {} }], has_more: false },
    custom: ['Ada', { type: 'a sentence of Ada\'s', anything_new: 'Ada' }],
    'Ada Lovelace': true
  }
  t.strictSame(JSON.parse(redactStripeEvent(JSON.stringify(personal), 'ada')), {
    id: 'ch_1',
    object: 'charge',
    amount: 4900,
    created: 1_790_000_000,
    currency: 'usd',
    livemode: true,
    status: 'succeeded',
    billing_details: { address: {}, email: null },
    payment_method_details: { type: 'card', card: {} },
    metadata: { affitor_customer_key: 'ada', program_id: '42' },
    lines: { data: [{ metadata: { removed: true } }, { metadata: {} }], has_more: false },
    custom: [{}]
  })
  t.end()
})

t.test('an event that is nested deeper than any of Stripe\'s is cut', t => {
  t.doesNotThrow(() => redactStripeEvent(`${'{"data":'.repeat(100_000)}{}${'}'.repeat(100_000)}`, 'ada'))
  t.end()
})
